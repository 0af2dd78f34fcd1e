"""Draws at a temperature."""

import pytest
import torch
from torch.distributions import Independent, MixtureSameFamily, Normal

from latentia.distribution.temperature import drawn
from latentia.errors import UsageError

GAUSSIAN = Independent(Normal(torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])), 1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_deviations_are_multiplied_and_the_mean_stays(temperature):
    torch.manual_seed(0)
    z = drawn(GAUSSIAN, torch.Size([40_000]), temperature)
    sd = temperature * GAUSSIAN.stddev
    assert ((z.mean(0) - GAUSSIAN.mean).abs() < 5 * sd / 200).all()
    assert ((z.std(0) / sd - 1).abs() < 0.02).all()


def test_at_one_it_is_the_distributions_own_draw():
    torch.manual_seed(0)
    expected = GAUSSIAN.sample((3,))
    torch.manual_seed(0)
    assert torch.equal(drawn(GAUSSIAN, torch.Size([3]), 1.0), expected)


@pytest.mark.parametrize("temperature", [-0.1, float("nan"), float("inf")])
def test_what_is_no_temperature_is_refused(temperature):
    with pytest.raises(UsageError, match="number from 0"):
        drawn(GAUSSIAN, torch.Size([3]), temperature)


def test_others_have_none():
    mixture = MixtureSameFamily(
        torch.distributions.Categorical(torch.ones(2)),
        Independent(Normal(torch.zeros(2, 1), 1.0), 1),
    )
    assert drawn(mixture, torch.Size([3]), 1.0).shape == (3, 1)
    with pytest.raises(UsageError, match="Gaussian prior"):
        drawn(mixture, torch.Size([3]), 0.5)
