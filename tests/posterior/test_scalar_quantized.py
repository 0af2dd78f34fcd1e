"""The encoder that rounds to levels; its probabilities are in `test_vector_quantized.py`."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.posterior.scalar_quantized import ScalarQuantized


def of(choices=2, levels=5, x_dim=2):
    network = room.build("network", "linear")
    return ScalarQuantized(network, (x_dim,), choices * levels, choices=choices).double()


@pytest.mark.parametrize("levels", [1, 2, 3, 8])
def test_every_number_becomes_the_nearest_level(levels):
    posterior = of(levels=levels)
    with torch.no_grad():
        posterior.head.weight.copy_(torch.eye(2))
        posterior.head.bias.zero_()
    x = torch.randn(500, 2).double() * 2
    q = posterior(x)
    decoded = posterior.embedded(q.mean)
    grid = torch.linspace(-1, 1, levels).double()
    nearest = grid[(x.tanh()[..., None] - grid).abs().argmin(-1)]
    torch.testing.assert_close(decoded, nearest)
    assert len(q.codes.unique()) == levels


def test_the_derivative_is_that_of_the_number_before_it_was_rounded():
    posterior, x = of(), torch.randn(30, 2).double()
    q = posterior(x)
    (posterior.embedded(q.rsample()) + q.carry).sum().backward()
    number = posterior.head(x)
    (expected,) = torch.autograd.grad(number.tanh().sum(), posterior.head.weight)
    torch.testing.assert_close(posterior.head.weight.grad, expected)


def test_between_codes_lie_the_numbers_between_their_levels():
    posterior = of(choices=1, levels=3)
    mixed = torch.tensor([0.5, 0.0, 0.5]).double()
    assert posterior.embedded(mixed).item() == 0
    assert posterior.embedded(torch.tensor([0.0, 0.25, 0.75]).double()).item() == 0.75


def test_latents_that_are_no_whole_number_of_levels_are_refused():
    with pytest.raises(UsageError, match="choices"):
        ScalarQuantized(room.build("network", "linear"), (5,), 7, choices=2)
