"""The beta decoder."""

import pytest
import torch

from latentia.likelihood.beta import Beta
from latentia.network.linear import Linear


@pytest.mark.parametrize(("mean", "std"), [(0.5, 0.1), (0.03, 0.02), (0.9, 0.2)])
def test_it_starts_with_the_mean_and_deviation_of_the_data(mean, std):
    likelihood = Beta(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    p = likelihood(torch.zeros(1, 2))
    assert p.mean.item() == pytest.approx(mean, rel=1e-3)
    assert p.stddev.item() == pytest.approx(std, rel=1e-3)


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = Beta(Linear(), (4,), 2)
    with torch.no_grad():
        likelihood.bias.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([1e-6, 0.1, 0.5, 0.999]))
    value.sum().backward()
    assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()
