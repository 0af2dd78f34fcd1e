"""The log-normal decoder."""

import pytest
import torch

from latentia.likelihood.log_normal import LogNormal
from latentia.network.linear import Linear


@pytest.mark.parametrize(("mean", "std"), [(3.0, 0.5), (1e-3, 2e-3), (5e4, 1e5)])
def test_it_starts_with_the_mean_and_deviation_of_the_data(mean, std):
    likelihood = LogNormal(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    p = likelihood(torch.zeros(1, 2))
    assert p.mean.item() == pytest.approx(mean, rel=1e-3)
    assert p.stddev.item() == pytest.approx(std, rel=1e-3)


def test_it_is_a_density_of_positive_numbers_alone():
    assert LogNormal.describes == {"positive"}
    p = LogNormal(Linear(), (2,), 2)(torch.zeros(1, 2))
    assert p.log_prob(torch.tensor([[1.0, -1.0]])).item() == -torch.inf


def test_the_unit_of_measurement_moves_its_nats_by_that_unit_s_logarithm_alone():
    found = []
    for unit in (1.0, 1000.0):
        likelihood = LogNormal(Linear(), (1,), 2)
        likelihood.initialise(torch.tensor([2.0 * unit]), torch.tensor([unit]))
        found.append(likelihood(torch.zeros(1, 2)).log_prob(torch.tensor([[3.0 * unit]])).item())
    assert found[0] - found[1] == pytest.approx(6.907755, abs=1e-4)
