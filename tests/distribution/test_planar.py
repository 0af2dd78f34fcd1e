"""Planar maps: one to one, with the determinant that they state."""

import pytest
import torch

from latentia.distribution.planar import Planar


def make(size=2.0, layers=3, dims=3):
    torch.manual_seed(0)
    u, w = size * torch.randn(2, 4, layers, dims, dtype=torch.float64)
    return Planar(u, w, torch.randn(4, layers, dtype=torch.float64))


@pytest.mark.parametrize("size", [0.1, 2.0, 6.0])
def test_the_inverse_leads_back(size):
    bend = make(size)
    z = torch.randn(50, 4, 3, dtype=torch.float64)
    y, ladj = bend.call_and_ladj(z)
    back, its_ladj = bend.inv.call_and_ladj(y)
    torch.testing.assert_close(back, z, rtol=0, atol=1e-6 * size)
    torch.testing.assert_close(its_ladj, -ladj, rtol=1e-4, atol=1e-6 * size)
    assert torch.equal(bend.inv.inv(z), y)


def test_the_log_determinant_is_that_of_its_jacobian():
    bend = make()
    z = torch.randn(4, 3, dtype=torch.float64)
    _, ladj = bend.call_and_ladj(z)
    whole = torch.autograd.functional.jacobian(bend, z)
    for i in range(4):
        expected = torch.linalg.slogdet(whole[i, :, i])
        assert expected.sign == 1
        torch.testing.assert_close(ladj[i], expected.logabsdet)


def test_the_inverse_has_the_gradient_of_the_inverse():
    bend = make()
    y = torch.randn(4, 3, dtype=torch.float64)
    forward = torch.autograd.functional.jacobian(bend, bend.inv(y))
    backward = torch.autograd.functional.jacobian(lambda x: bend.inv(x), y)
    for i in range(4):
        product = forward[i, :, i] @ backward[i, :, i]
        torch.testing.assert_close(product, torch.eye(3).double(), rtol=0, atol=1e-6)


def test_a_push_that_would_fold_space_is_held_back():
    w = torch.ones(1, 1, 2, dtype=torch.float64)
    bend = Planar(-50 * w, w, torch.zeros(1, 1).double())
    assert bend.along.item() > -1
    line = torch.linspace(-3, 3, 101).double()[:, None, None].expand(-1, 1, 2)
    assert (bend(line)[..., 0].diff(dim=0) > 0).all()
