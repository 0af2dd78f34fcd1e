"""The prior that depends on the conditions."""

import pytest
import torch

from latentia.distribution.divergence import closed_form_kl
from latentia.errors import UsageError
from latentia.prior.conditional import Conditional
from latentia.prior.standard_normal import StandardNormal


def test_it_starts_as_the_standard_normal_under_every_condition():
    z, c = torch.randn(6, 5, 2), torch.randn(5, 3)
    expected = StandardNormal(2)().log_prob(z)
    torch.testing.assert_close(Conditional(2, 3)(c).log_prob(z), expected)


def test_its_kl_is_that_of_gaussians_example_by_example():
    torch.manual_seed(0)
    prior, c = Conditional(2, 3, hidden=(4,)), torch.randn(5, 3)
    torch.nn.init.normal_(prior.head.weight)
    q, p = StandardNormal(2)().expand((5,)), prior(c)
    found = closed_form_kl(q, p)
    mean, sd = p.mean, p.stddev
    expected = (sd.log() + (1 + mean**2) / (2 * sd**2) - 0.5).sum(-1)
    torch.testing.assert_close(found.total, expected)
    torch.testing.assert_close(found.per_dim.sum(-1), expected)


@pytest.mark.parametrize(("c_dim", "hidden"), [(0, (4,)), (2, (0,))])
def test_without_conditions_or_width_it_is_refused(c_dim, hidden):
    with pytest.raises(UsageError, match="needs conditions"):
        Conditional(2, c_dim, hidden=hidden)
