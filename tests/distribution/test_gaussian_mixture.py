"""A density of two products is the density of the sum over components."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from latentia.distribution.gaussian_mixture import GaussianMixture


@pytest.mark.parametrize("width", [1.0, 1e-3])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_value_and_gradient_are_those_of_torch_s(width, kind):
    torch.manual_seed(0)
    leaves = [torch.randn(6), torch.randn(6, 3), torch.randn(6, 3)]
    logits, loc, log_scale = (leaf.to(kind).requires_grad_() for leaf in leaves)
    scale = width * log_scale.exp()
    z = (loc[2] + scale[2] * torch.randn(5, 4, 3, dtype=kind)).detach().requires_grad_()
    found = GaussianMixture(logits, loc, scale)
    each = Independent(Normal(loc, scale), 1)
    expected = MixtureSameFamily(Categorical(logits=logits), each)
    one, other = found.log_prob(z), expected.log_prob(z)
    assert one.shape == (5, 4) and one.dtype == kind
    torch.testing.assert_close(one, other, rtol=1e-5, atol=2e-5)
    wanted = (logits, loc, log_scale, z)
    slopes = torch.autograd.grad(one.sum(), wanted, retain_graph=True)
    about = torch.autograd.grad(other.sum(), wanted)
    for a, b in zip(slopes, about, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3 / width)


def test_draws_come_from_all_components():
    p = GaussianMixture(torch.tensor([0.0, 1.0]), torch.tensor([[-9.0], [9.0]]), torch.ones(2, 1))
    torch.manual_seed(0)
    share = (p.sample((4000,)) > 0).double().mean().item()
    assert share == pytest.approx(torch.tensor(1.0).sigmoid().item(), abs=0.03)
    assert p.event_shape == (1,) and p.batch_shape == ()
