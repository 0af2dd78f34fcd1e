"""The beta distribution without its ends."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.distribution.beta import Beta

X = torch.tensor([1e-6, 0.01, 0.3, 0.5, 0.99, 1 - 1e-6])


@pytest.mark.parametrize(("one", "other"), [(0.2, 3.0), (1.0, 1.0), (50.0, 2.0), (1e4, 3e4)])
def test_log_prob_is_scipys(one, other):
    found = Beta(torch.tensor(one), torch.tensor(other)).log_prob(X)
    expected = stats.beta(one, other).logpdf(X.double().numpy())
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-5)


def test_its_ends_and_what_is_outside_have_no_density_and_no_gradient():
    one = torch.full((4,), 0.5, requires_grad=True)
    found = Beta(one, one).log_prob(torch.tensor([0.0, 1.0, -0.5, 2.0]))
    assert (found == -torch.inf).all()
    found.nan_to_num(neginf=0.0).sum().backward()
    assert (one.grad == 0).all()


def test_every_draw_has_a_density_even_where_float32_would_round_it_to_one():
    torch.manual_seed(0)
    p = Beta(torch.tensor(2.0), torch.tensor(0.02))
    x = p.sample((20_000,))
    assert (x > 0.9999999).any()  # where there are no numbers left
    assert p.log_prob(x).isfinite().all()


def test_expanded_it_is_the_same():
    p = Beta(torch.tensor(2.0), torch.tensor(3.0)).expand((4,))
    assert p.log_prob(torch.tensor(0.3)).shape == (4,)
    assert p.rsample((2,)).shape == (2, 4)
