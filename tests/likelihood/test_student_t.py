"""The decoder with Student's t."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.likelihood.gaussian import Gaussian
from latentia.likelihood.student_t import StudentT
from latentia.network.linear import Linear


def start(mean=30.0, std=4.0):
    likelihood = StudentT(Linear(), (1,), 2)
    likelihood.standardize(torch.tensor([mean]), torch.tensor([std]))
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    return likelihood


def test_it_starts_at_the_t_of_the_data_s_mean_and_variance():
    likelihood = start()
    p, df = likelihood(torch.zeros(1, 2)), likelihood.degrees_of_freedom.item()
    x = torch.tensor([[-50.0], [30.0], [35.0]])
    scale = 4 * ((df - 2) / df) ** 0.5
    expected = stats.t(df, 30.0, scale).logpdf(x[:, 0])
    np.testing.assert_allclose(p.log_prob(x).detach(), expected, rtol=1e-5)
    assert p.variance.item() == pytest.approx(16.0, rel=1e-4)


def test_a_wild_value_pulls_less_the_wilder_it_is_and_a_gaussian_s_pull_grows():
    def pull(likelihood, x):
        likelihood.zero_grad()
        likelihood(torch.zeros(1, 2)).log_prob(torch.tensor([[x]])).sum().backward()
        return likelihood.bias.grad.abs().item()

    normal = Gaussian(Linear(), (1,), 2, sigma="fixed")
    normal.standardize(torch.tensor([30.0]), torch.tensor([4.0]))
    assert pull(start(), 230.0) < 0.2 * pull(start(), 40.0)
    assert pull(normal, 230.0) > 5 * pull(normal, 40.0)


def test_degrees_of_freedom_stay_where_there_is_a_variance():
    likelihood = start()
    with torch.no_grad():
        likelihood.log_excess.fill_(-1e4)
    assert likelihood.degrees_of_freedom > 2
    assert likelihood(torch.zeros(1, 2)).log_prob(torch.tensor([[3.0]])).isfinite()
