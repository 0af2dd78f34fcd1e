"""The negative binomial decoder."""

import pytest
import torch

from latentia.likelihood.negative_binomial import NegativeBinomial
from latentia.network.linear import Linear


@pytest.mark.parametrize("mean", [0.05, 3.0, 400.0])
@pytest.mark.parametrize("zero_inflated", [False, True])
def test_it_starts_at_the_data_s_mean(mean, zero_inflated):
    likelihood = NegativeBinomial(Linear(), (1,), 2, zero_inflated=zero_inflated)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([2 * mean]))
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(mean, rel=1e-4)


def test_it_starts_at_a_variance_beyond_a_poisson_s():
    likelihood = NegativeBinomial(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([9.0]), torch.tensor([7.0]))
    assert likelihood(torch.zeros(1, 2)).variance.item() == pytest.approx(49.0, rel=1e-4)


@pytest.mark.parametrize("std", [0.0, 1.0])
def test_counts_that_vary_less_than_a_poisson_start_near_one(std):
    likelihood = NegativeBinomial(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([9.0]), torch.tensor([std]))
    assert likelihood(torch.zeros(1, 2)).variance.item() == pytest.approx(9.0, rel=0.02)


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = NegativeBinomial(Linear(), (4,), 2, zero_inflated=True)
    with torch.no_grad():
        likelihood.bias.fill_(number)
        likelihood.log_dispersion.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([0.0, 1.0, 50.0, 1e6]))
    value.sum().backward()
    assert value.isfinite().all()
    assert all(p.grad.isfinite().all() for p in likelihood.parameters())
