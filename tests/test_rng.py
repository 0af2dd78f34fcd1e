"""Randomness is a function of the key, and the user's own state is left alone."""

import random

import numpy as np
import pytest
import torch

from latentia.rng import mix, reseed, seeded


def states():
    return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002


def test_the_user_s_generators_are_as_they_were():
    torch.manual_seed(5)
    before = states()
    with seeded(1, 2):
        torch.rand(10)
        reseed(3)
        torch.randn(3)
    assert states() == before


def test_they_are_restored_after_an_error_too():
    before = states()
    with pytest.raises(KeyError), seeded(1):
        torch.rand(10)
        raise KeyError
    assert states() == before


def test_the_user_s_own_seed_has_no_say_inside():
    draws = []
    for own in (0, 1):
        torch.manual_seed(own)
        with seeded(7, 8):
            draws.append(torch.rand(4))
    assert torch.equal(*draws)


def test_scopes_nest():
    with seeded(1):
        torch.rand(1)
        expected = torch.rand(3)
    with seeded(1):
        torch.rand(1)
        with seeded(2):
            torch.rand(100)
        assert torch.equal(torch.rand(3), expected)


def test_every_number_of_the_key_and_their_order_matter():
    keys = [(0,), (1,), (0, 1), (1, 0), (0, 0, 1), (1, 0, 0), (0, 1, 2)]
    assert len({mix(*key) for key in keys}) == len(keys)
    assert all(0 <= mix(*key) < 2**63 for key in keys)


def test_the_key_s_seed_is_the_same_on_every_machine():
    assert mix(0, 7) == 646209929857315772
