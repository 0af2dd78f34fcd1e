"""The Poisson decoder."""

import pytest
import torch

from latentia.likelihood.poisson import Poisson
from latentia.network.linear import Linear


@pytest.mark.parametrize("mean", [0.01, 3.0, 1e5, 3e6])
def test_it_starts_at_the_data_s_mean(mean):
    likelihood = Poisson(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([1.0]))
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(mean, rel=1e-4)


def test_no_rate_runs_away_and_even_the_highest_has_a_gradient():
    likelihood = Poisson(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([4.0]), torch.tensor([6.0]))
    with torch.no_grad():
        likelihood.bias.fill_(11.0)
    p = likelihood(torch.zeros(1, 2))
    assert 100 < p.mean.item() < 4 + 30 * 8
    p.log_prob(torch.tensor([[4.0]])).sum().backward()
    assert likelihood.bias.grad.item() < -1e-2
    with torch.no_grad():  # and where the data are it is the exponential
        likelihood.bias.fill_(2.0)
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(2.718281828**2, rel=0.05)


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = Poisson(Linear(), (4,), 2)
    with torch.no_grad():
        likelihood.bias.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([0.0, 1.0, 50.0, 1e6]))
    value.sum().backward()
    assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()
