"""The discretized logistic: a probability of 8-bit files."""

import math

import pytest
import torch

from latentia.likelihood.discretized_logistic import DiscretizedLogistic
from latentia.network.linear import Linear


def start(mean, std):
    likelihood = DiscretizedLogistic(Linear(), (1,), 2)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    return likelihood(torch.zeros(1, 2))


@pytest.mark.parametrize(("mean", "std"), [(0.5, 0.1), (0.3, 0.05), (0.6, 0.02)])
def test_it_starts_with_the_mean_and_deviation_of_the_data(mean, std):
    levels = torch.arange(256) / 255
    with torch.no_grad():
        mass = start(mean, std).log_prob(levels[:, None]).exp()
    found = (mass * levels).sum()
    assert found.item() == pytest.approx(mean, abs=1e-3)
    assert (mass * (levels - found) ** 2).sum().sqrt().item() == pytest.approx(std, rel=0.05)


@pytest.mark.parametrize(
    ("mean", "std"), [(0.02, 0.08), (0.1, 0.3), (0.3, 0.3), (0.5, 0.35), (0.99, 0.05)]
)
def test_its_mean_is_the_data_s_even_where_the_tails_are_cut(mean, std):
    assert start(mean, std).mean.item() == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_a_pixel_that_never_changes_starts_likely_and_no_other_level_impossible(level):
    p = start(level, 0.0)
    assert p.log_prob(torch.tensor([[level]])) > -1
    assert p.log_prob(torch.tensor([[1 - level]])) > -200


def test_a_flat_one_costs_8_bits_per_dimension():
    likelihood = DiscretizedLogistic(Linear(), (50,), 2)
    likelihood.initialise(torch.full((50,), 0.5), torch.full((50,), 0.29))
    x = torch.randint(0, 256, (200, 50)) / 255
    with torch.no_grad():
        nats = likelihood(torch.zeros(200, 2)).log_prob(x).mean().item()
    assert 8 < -nats / (50 * math.log(2)) < 8.4


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = DiscretizedLogistic(Linear(), (4,), 2)
    with torch.no_grad():
        likelihood.bias.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([0.0, 1 / 255, 0.5, 1.0]))
    value.sum().backward()
    assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()


def test_it_is_a_probability_of_levels_alone():
    assert DiscretizedLogistic.describes == {"levels"}
