"""Between the ELBO and the importance-weighted bound; its gradient is in test_gradients.py."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.ciwae import CIWAE
from latentia.objective.iwae import IWAE


def make_terms():
    torch.manual_seed(0)
    return Terms(*torch.randn(3, 5, 6, dtype=torch.float64), None, None)


def test_its_ends_are_the_two_bounds_and_between_it_is_linear():
    terms = make_terms()
    elbo, tight = terms.elbo, IWAE()(terms)
    torch.testing.assert_close(CIWAE(beta=1.0)(terms), elbo)
    torch.testing.assert_close(CIWAE(beta=0.0)(terms), tight)
    torch.testing.assert_close(CIWAE(beta=0.25)(terms), 0.25 * elbo + 0.75 * tight)


@pytest.mark.parametrize("beta", [-0.1, 1.1])
def test_a_share_beyond_the_whole_is_refused(beta):
    with pytest.raises(UsageError, match="share"):
        CIWAE(beta=beta)
