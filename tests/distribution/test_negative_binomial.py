"""The negative binomial distribution, with and without more zeros."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.distribution.negative_binomial import NegativeBinomial
from latentia.distribution.poisson import Poisson

X = torch.tensor([0.0, 1.0, 5.0, 40.0, 3000.0])


def of(mean, r, pi=None):
    logit = None if pi is None else torch.tensor(pi).logit()
    return NegativeBinomial(torch.tensor(mean).log(), torch.tensor(r).log(), logit)


@pytest.mark.parametrize("mean", [0.01, 3.0, 500.0])
@pytest.mark.parametrize("r", [0.05, 1.0, 20.0, 1e5])
def test_log_prob_is_scipys(mean, r):
    expected = stats.nbinom(r, r / (r + mean)).logpmf(X.numpy())
    np.testing.assert_allclose(of(mean, r).log_prob(X), expected, rtol=2e-5, atol=2e-5)


def test_with_little_dispersion_it_is_a_poisson():
    x = torch.arange(20.0)
    expected = Poisson(torch.tensor(7.0).log()).log_prob(x)
    torch.testing.assert_close(of(7.0, 1e6).log_prob(x), expected, rtol=0, atol=1e-4)


def test_a_share_of_the_cells_is_zero_whatever_is_counted():
    plain, more = of(3.0, 2.0).log_prob(X).exp(), of(3.0, 2.0, 0.3).log_prob(X).exp()
    torch.testing.assert_close(more, 0.7 * plain + 0.3 * (X == 0))


@pytest.mark.parametrize("pi", [None, 0.4])
def test_draws_have_the_mean_and_variance_that_it_states(pi):
    torch.manual_seed(0)
    p, n = of(6.0, 3.0, pi), 200_000
    x = p.sample((n,))
    assert abs(x.mean() - p.mean) <= 5 * (p.variance / n).sqrt()
    torch.testing.assert_close(x.var(), p.variance, rtol=0.03, atol=0)
    share = (x == 0).double().mean()
    zero = p.log_prob(torch.tensor(0.0)).exp()
    assert abs(share - zero) <= 5 * (zero * (1 - zero) / n).sqrt()


@pytest.mark.parametrize("pi", [None, 0.4])
def test_what_is_no_count_is_impossible(pi):
    assert (of(6.0, 3.0, pi).log_prob(torch.tensor([0.5, -1.0])) == -torch.inf).all()
