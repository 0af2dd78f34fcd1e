"""The contract of every corruption."""

import pytest
import torch

from latentia import room
from latentia.corruption.base import Corruption

NAMES = room.names("corruption")


@pytest.fixture(params=NAMES)
def corruption(request):
    return room.build("corruption", request.param)


def test_the_room_is_read():
    assert NAMES == ["gaussian", "masking", "salt-and-pepper"]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_and_type_stay_and_the_input_is_untouched(corruption, dtype):
    assert isinstance(corruption, Corruption)
    x = torch.full((5, 1, 8, 8), 0.5, dtype=dtype)
    noisy = corruption(x)
    assert (noisy.shape, noisy.dtype) == (x.shape, dtype)
    assert (x == 0.5).all() and not torch.equal(noisy, x)


def test_noise_follows_the_global_seed(corruption):
    x = torch.rand(4, 50)
    draws = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        draws.append(corruption(x))
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_every_example_gets_its_own_noise(corruption):
    noisy = corruption(torch.full((2, 200), 0.5))
    assert not torch.equal(noisy[0], noisy[1])
