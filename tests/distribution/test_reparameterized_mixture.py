"""A mixture whose draws have a gradient."""

import pytest
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from latentia.distribution.reparameterized_mixture import ReparameterizedMixture


@pytest.fixture
def parts():
    torch.manual_seed(0)
    logits = torch.tensor([[0.0, 0.7, -0.5], [1.0, -1.0, 0.3]])
    loc = 1.5 * torch.randn(2, 3, 2)
    scale = 0.3 + torch.rand(2, 3, 2)
    return [part.double().requires_grad_() for part in (logits, loc, scale)]


def test_its_density_and_moments_are_torchs(parts):
    q = ReparameterizedMixture(*parts)
    theirs = MixtureSameFamily(
        Categorical(logits=parts[0]), Independent(Normal(parts[1], parts[2]), 1)
    )
    z = torch.randn(7, 2, 2, dtype=torch.float64)
    torch.testing.assert_close(q.log_prob(z), theirs.log_prob(z))
    torch.testing.assert_close(q.mean, theirs.mean)
    torch.testing.assert_close(q.variance, theirs.variance)


def test_draws_follow_the_density(parts):
    with torch.no_grad():
        q = ReparameterizedMixture(*parts)
        z = q.rsample((100_000,))
        error = (q.variance / 100_000).sqrt()
        assert ((z.mean(0) - q.mean).abs() <= 4.5 * error).all()
        # A function with both latents in it, against quadrature.
        grid = torch.linspace(-12, 12, 1201, dtype=torch.float64)
        plane = torch.cartesian_prod(grid, grid)
        mass = q.log_prob(plane[:, None].expand(-1, 2, -1)).exp() * 0.02**2
        expected = (mass * f(plane)[:, None]).sum(0)
        found = f(z)
    assert ((found.mean(0) - expected).abs() <= 4.5 * found.std(0) / 100_000**0.5).all()


def f(z):
    return (z[..., 0] + 0.3).tanh() * (1 + 0.5 * z[..., 1].sin())


@pytest.mark.parametrize("part", [0, 1, 2], ids=["weights", "means", "scales"])
def test_gradients_of_draws_are_those_of_the_expectation(parts, part):
    grid = torch.linspace(-12, 12, 1201, dtype=torch.float64)
    plane = torch.cartesian_prod(grid, grid)
    mass = ReparameterizedMixture(*parts).log_prob(plane[:, None].expand(-1, 2, -1)).exp()
    expectation = (mass * f(plane)[:, None]).sum() * 0.02**2
    (exact,) = torch.autograd.grad(expectation, parts[part])
    torch.manual_seed(1)
    n, found = 4000, []
    for _ in range(20):
        drawn = f(ReparameterizedMixture(*parts).rsample((n,))).sum() / n
        found.append(torch.autograd.grad(drawn, parts[part])[0])
    found = torch.stack(found)
    error = found.std(0) / 20**0.5
    assert ((found.mean(0) - exact).abs() <= 5 * error + 1e-9).all()
    assert (exact.abs() > 10 * error).any()  # else nothing would do


def test_one_component_is_the_gaussian_and_its_gradient_that_of_every_draw():
    loc, scale = torch.randn(3, 1, 4, requires_grad=True), torch.rand(3, 1, 4) + 0.5
    q = ReparameterizedMixture(torch.zeros(3, 1), loc, scale)
    z = q.rsample((5,))
    (slope,) = torch.autograd.grad(z.sum(), loc)
    torch.testing.assert_close(slope, torch.full_like(slope, 5.0), rtol=1e-4, atol=1e-4)


def test_components_far_apart_leave_every_gradient_finite():
    loc = torch.tensor([[[0.0, 0.0], [50.0, -50.0]]], requires_grad=True)
    logits = torch.zeros(1, 2, requires_grad=True)
    q = ReparameterizedMixture(logits, loc, torch.full((1, 2, 2), 0.1))
    q.rsample((100,)).square().sum().backward()
    assert loc.grad.isfinite().all() and logits.grad.isfinite().all()
