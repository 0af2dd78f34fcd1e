"""The log-normal distribution."""

import numpy as np
import torch
from scipy import stats

from latentia.distribution.log_normal import LogNormal


def test_log_prob_is_scipys():
    x = torch.tensor([1e-8, 0.1, 1.0, 30.0, 1e6])
    found = LogNormal(torch.tensor(0.7), torch.tensor(1.3)).log_prob(x)
    expected = stats.lognorm(s=1.3, scale=np.exp(0.7)).logpdf(x.double().numpy())
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_what_is_not_positive_is_impossible_and_pulls_at_nothing():
    loc = torch.zeros(3, requires_grad=True)
    found = LogNormal(loc, torch.ones(3)).log_prob(torch.tensor([0.0, -1.0, 2.0]))
    assert found[:2].tolist() == [-torch.inf, -torch.inf] and found[2].isfinite()
    found[2].backward()
    assert loc.grad[:2].tolist() == [0.0, 0.0] and loc.grad[2] != 0


def test_expanded_it_is_the_same():
    p = LogNormal(torch.tensor(2.0), torch.tensor(3.0)).expand((4,))
    assert p.log_prob(torch.tensor(0.3)).shape == (4,)
    assert p.sample((2,)).shape == (2, 4)
