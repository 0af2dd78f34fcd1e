"""Weights that are lent in bfloat16."""

from contextlib import contextmanager

import pytest
import torch
from torch import nn

from latentia.training.halved import Halved, side_by_side


@pytest.fixture
def body():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(2, 6, 3), nn.SiLU(), nn.Conv2d(6, 4, 1), nn.Flatten())


@contextmanager
def lent(model):
    halved = Halved(model)
    halved.lend()
    try:
        yield
    finally:
        halved.take_back()


def gradients(model, x, lent):
    model.zero_grad()
    with lent, torch.autocast("cpu", torch.bfloat16):
        model(x).float().square().sum().backward()
    return [parameter.grad for parameter in model.parameters()]


def test_its_gradients_are_autocasts_to_the_bit(body):
    x = torch.randn(5, 2, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        body(x).float().square().sum().backward()
    expected = [parameter.grad.clone() for parameter in body.parameters()]
    found = gradients(body, x, lent(body))
    assert all(grad.dtype == torch.float32 for grad in found)
    for mine, theirs in zip(found, expected, strict=True):
        assert torch.equal(mine, theirs)


def test_weights_are_their_own_again_and_follow_what_moved_them(body):
    parameters, x = list(body.parameters()), torch.randn(3, 2, 8, 8)
    before = gradients(body, x, lent(body))
    assert all(a is b for a, b in zip(body.parameters(), parameters, strict=True))
    with torch.no_grad():
        body[0].weight.mul_(2)
    after = gradients(body, x, lent(body))
    assert not torch.equal(before[0], after[0])


def test_a_step_that_fails_leaves_the_weights_where_they_were(body):
    parameters = list(body.parameters())
    with pytest.raises(RuntimeError), lent(body):
        body(torch.zeros(1, 5, 8, 8, dtype=torch.bfloat16))
    assert all(a is b for a, b in zip(body.parameters(), parameters, strict=True))


def test_what_has_no_part_in_the_loss_has_no_gradient():
    both = nn.ModuleList([nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 1)])
    with lent(both):
        both[0](torch.ones(1, 1, 1, 1, dtype=torch.bfloat16)).sum().backward()
    assert both[0].weight.grad is not None and both[1].weight.grad is None


def test_what_is_frozen_stays_so(body):
    body[2].weight.requires_grad_(False)
    found = gradients(body, torch.randn(2, 2, 8, 8), lent(body))
    assert [grad is None for grad in found] == [False, False, True, False]


def test_a_model_without_convolutions_is_left_alone():
    layer = nn.Linear(2, 2)
    with lent(layer):
        assert layer.weight.dtype == torch.float32
        layer(torch.ones(1, 2)).sum().backward()
    assert layer.weight.grad is not None


def test_weights_side_by_side_are_the_same_weights(body):
    weight = body[0].weight
    values = weight.detach().clone()
    side_by_side(body)
    assert body[0].weight is weight and torch.equal(weight, values)
    assert weight.is_contiguous(memory_format=torch.channels_last)
    assert not weight.is_contiguous()
