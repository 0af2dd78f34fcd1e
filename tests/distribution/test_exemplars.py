"""Gaussians of one width around points: the density, the draws and the batches of mixtures."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from latentia.distribution import exemplars
from latentia.distribution.exemplars import Exemplars


def written_out(logits, loc, scale):
    each = loc.expand(*logits.shape, -1)
    parts = Independent(Normal(each, scale.expand_as(each)), 1)
    return MixtureSameFamily(Categorical(logits=logits), parts, validate_args=False)


@pytest.mark.parametrize("width", [1.0, 1e-2])
@pytest.mark.parametrize("batch", [(), (4,)])
def test_value_and_gradient_are_those_of_torch_s(width, batch):
    torch.manual_seed(0)
    leaves = [torch.randn(*batch, 6), torch.randn(6, 3), torch.tensor(0.3), torch.randn(5, 4, 3)]
    logits, loc, log_scale, z = (x.double().requires_grad_() for x in leaves)
    scale = width * log_scale.exp()
    one = Exemplars(logits, loc, scale)
    other = written_out(logits, loc, scale)
    assert one.batch_shape == other.batch_shape == batch and one.event_shape == (3,)
    found, expected = one.log_prob(z), other.log_prob(z)
    assert found.shape == (5, 4)
    torch.testing.assert_close(found, expected)
    wanted = (logits, loc, log_scale, z)
    slopes = torch.autograd.grad(found.sum(), wanted, retain_graph=True)
    about = torch.autograd.grad(expected.sum(), wanted)
    for a, b in zip(slopes, about, strict=True):
        torch.testing.assert_close(a, b)


def test_far_from_0_it_is_as_exact_as_near_it():
    z, loc = torch.randn(50, 8), torch.randn(6, 8)
    near = Exemplars(torch.zeros(6), loc.double(), torch.tensor(0.1)).log_prob(z.double())
    far = Exemplars(torch.zeros(6), loc.double() + 1000, torch.tensor(0.1))
    torch.testing.assert_close(far.log_prob(z.double() + 1000), near, rtol=1e-6, atol=1e-4)


def test_a_point_without_weight_is_not_there():
    logits = torch.tensor([0.0, -torch.inf, 0.0])
    loc, scale = torch.tensor([[-3.0], [0.0], [3.0]]), torch.tensor(0.1)
    p, without = Exemplars(logits, loc, scale), Exemplars(torch.zeros(2), loc[[0, 2]], scale)
    z = torch.linspace(-4, 4, 50)[:, None]
    torch.testing.assert_close(p.log_prob(z), without.log_prob(z))
    assert (p.sample((500,)).abs() > 1.5).all()


def test_in_parts_it_is_the_same(monkeypatch):
    p, z = Exemplars(torch.zeros(6), torch.randn(6, 3), torch.tensor(0.5)), torch.randn(7, 5, 3)
    with torch.no_grad():
        whole = p.log_prob(z)
        monkeypatch.setattr(exemplars, "_TOGETHER", 13)
        assert torch.equal(p.log_prob(z), whole)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_draws_are_as_often_near_a_point_as_its_weight_says(batch):
    torch.manual_seed(0)
    share = torch.rand(*batch, 4) + 0.1
    share = share / share.sum(-1, keepdim=True)
    loc = torch.tensor([[-9.0, 0.0], [9.0, 0.0], [0.0, -9.0], [0.0, 9.0]])
    z = Exemplars(share.log(), loc, torch.tensor(0.5)).sample((20_000,))
    assert z.shape == (20_000, *batch, 2)
    near = (z[..., None, :] - loc).norm(dim=-1)
    often = (near < 3).double().mean(0)
    assert ((often - share).abs() < 5 * (share * (1 - share) / 20_000).sqrt()).all()
    away = (z - loc[near.argmin(-1)]).flatten()
    assert away.std().item() == pytest.approx(0.5, abs=0.01)
