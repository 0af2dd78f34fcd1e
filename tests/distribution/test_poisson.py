"""The Poisson distribution."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.distribution.poisson import Poisson


@pytest.mark.parametrize("rate", [1e-3, 1.0, 40.0, 1e4, 1e6])
def test_log_prob_is_scipys_for_counts_of_any_size(rate):
    log_rate = torch.tensor(rate).log()
    x = torch.tensor([0.0, 1.0, 7.0, round(rate), round(rate * 1.02)])
    expected = stats.poisson(np.exp(log_rate.double().item())).logpmf(x.double().numpy())
    np.testing.assert_allclose(Poisson(log_rate).log_prob(x), expected, rtol=1e-6, atol=1e-6)


def test_what_is_no_count_is_impossible_and_pulls_at_nothing():
    log_rate = torch.zeros(3, requires_grad=True)
    found = Poisson(log_rate).log_prob(torch.tensor([0.5, -1.0, 2.0]))
    assert found[:2].tolist() == [-torch.inf, -torch.inf]
    found[2].backward()
    assert log_rate.grad.tolist() == [0.0, 0.0, 1.0]  # x - r


def test_draws_have_its_mean_and_variance():
    torch.manual_seed(0)
    p = Poisson(torch.tensor([0.5, 4.0]))
    x = p.sample((50_000,))
    assert ((x.mean(0) - p.mean).abs() <= 5 * (p.variance / 50_000).sqrt()).all()
    torch.testing.assert_close(x.var(0), p.variance, rtol=0.05, atol=0)
