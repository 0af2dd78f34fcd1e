"""A Gaussian bent by a transform."""

import pytest
import torch
from zuko.flows import MAF, NSF

from latentia.distribution.flow import Flow


def make(cls=MAF, dims=3, seed=0, **options):
    torch.manual_seed(seed)
    flow = cls(dims, 4, transforms=2, hidden_features=(8,), **options).transform
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.mul_(1.5)
    context, loc = torch.randn(5, 4).double(), torch.randn(5, dims).double()
    return Flow(loc, torch.rand(5, dims).double() + 0.5, flow.double()(context))


@pytest.mark.parametrize(("cls", "options"), [(MAF, {}), (MAF, {"passes": 2}), (NSF, {})])
def test_the_density_of_a_draw_is_that_of_the_same_number_looked_up(cls, options):
    q = make(cls, **options)
    with torch.no_grad():
        z = q.rsample((50,))
        known, computed = q.log_prob(z), q.log_prob(z.clone())
    torch.testing.assert_close(known, computed, rtol=1e-6, atol=1e-6)


def test_it_is_a_density():
    q = make(dims=2)
    grid = torch.linspace(-25, 25, 501, dtype=torch.float64)
    plane = torch.cartesian_prod(grid, grid)
    with torch.no_grad():
        mass = q.log_prob(plane[:, None].expand(-1, 5, -1)).exp().sum(0) * (50 / 500) ** 2
    torch.testing.assert_close(mass, torch.ones(5).double(), rtol=0, atol=1e-3)


def test_only_the_very_draw_is_known_and_never_another_of_the_same_shape():
    q = make()
    with torch.no_grad():
        first = q.rsample((4,))
        expected = q.log_prob(first)
        second = q.rsample((4,))
        torch.testing.assert_close(q.log_prob(first), expected, rtol=1e-6, atol=1e-6)
        assert not torch.allclose(q.log_prob(second), expected, atol=0.1)


def test_mean_and_variance_are_the_same_every_time_and_those_of_its_draws():
    q = make(NSF)
    with torch.no_grad():
        assert torch.equal(q.mean, q.mean) and torch.equal(q.variance, q.variance)
        z = q.rsample((40_000,))
        torch.testing.assert_close(q.mean, z.mean(0), rtol=0, atol=0.1)
        torch.testing.assert_close(q.variance, z.var(0), rtol=0.3, atol=0)


def test_a_draw_without_a_gradient_has_a_density_with_one():
    """What the score function needs: z as it is, and log q(z) as a function of q."""
    q = make()
    loc = q.loc.requires_grad_()
    z = q.sample((3,))
    (found,) = torch.autograd.grad(q.log_prob(z).sum(), loc)
    assert found.isfinite().all() and found.any()
    with torch.no_grad():
        torch.testing.assert_close(q.log_prob(z), q.log_prob(z.clone()), rtol=1e-6, atol=1e-6)


def test_asking_for_the_mean_moves_no_generator():
    q = make()
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    assert q.mean.isfinite().all()
    assert torch.equal(torch.rand(1), expected)


def test_both_ways_to_the_density_have_the_same_gradient():
    """Of z as it was drawn: where it depends on q, and what q says of it."""
    q = make()
    leaves = [q.loc.requires_grad_(), q.scale.requires_grad_()]
    z = q.rsample((30,))
    weight = torch.randn(30, 5).double()
    known, computed = (
        torch.autograd.grad(
            (weight * density).sum(), leaves, retain_graph=True, materialize_grads=True
        )
        for density in (q.log_prob(z), q.log_prob(z.clone()))
    )
    for one, other in zip(known, computed, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-6)
    assert known[1].abs().max() > 0.1
