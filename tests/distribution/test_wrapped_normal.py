"""The wrapped normal: a density on hyperbolic space, in normal coordinates."""

import pytest
import torch
from torch.distributions import Normal

from latentia.distribution.wrapped_normal import WrappedNormal, _add, _ball

LOC = torch.tensor([0.7, -0.4], dtype=torch.float64)
SCALE = torch.tensor([0.6, 0.3], dtype=torch.float64)


def grid(reach=7.0, points=901):
    side = torch.linspace(-reach, reach, points, dtype=torch.float64)
    return torch.cartesian_prod(side, side), (2 * reach / (points - 1)) ** 2


@pytest.mark.parametrize("curvature", [0.1, 1.0, 2.5])
def test_it_integrates_to_one_and_draws_what_it_says(curvature):
    q = WrappedNormal(LOC, SCALE, curvature)
    z, area = grid()
    mass = q.log_prob(z).exp() * area
    assert mass.sum().item() == pytest.approx(1, abs=1e-4)
    torch.manual_seed(0)
    drawn = q.rsample((40_000,))
    mean = mass @ z
    sd = (mass @ z.square() - mean**2).sqrt()
    assert ((drawn.mean(0) - mean).abs() < 5 * sd / 200).all()
    product = drawn[:, 0] * drawn[:, 1]
    assert abs(product.mean() - mass @ (z[:, 0] * z[:, 1])) < 5 * product.std() / 200
    # Stated from few draws that are well spread.
    assert ((q.mean - mean).abs() < 0.1 * sd).all()
    assert ((q.variance.sqrt() / sd - 1).abs() < 0.15).all()


def test_around_the_origin_it_is_a_normal_distribution():
    q = WrappedNormal(torch.zeros(2), torch.tensor([0.5, 2.0]), 1.0)
    z = torch.randn(50, 2)
    expected = Normal(torch.zeros(2), torch.tensor([0.5, 2.0])).log_prob(z).sum(-1)
    torch.testing.assert_close(q.log_prob(z), expected, rtol=1e-4, atol=1e-5)


def test_without_curvature_it_is_a_gaussian():
    q, z = WrappedNormal(LOC, SCALE, 1e-8), torch.randn(50, 2, dtype=torch.float64)
    torch.testing.assert_close(
        q.log_prob(z), Normal(LOC, SCALE).log_prob(z).sum(-1), rtol=1e-5, atol=1e-6
    )


def test_of_one_latent_it_is_a_gaussian_at_any_curvature():
    q = WrappedNormal(LOC[:1], SCALE[:1], 3.0)
    z = torch.linspace(-2, 3, 20, dtype=torch.float64)[:, None]
    torch.testing.assert_close(q.log_prob(z), Normal(LOC[:1], SCALE[:1]).log_prob(z).sum(-1))


def test_carrying_there_and_back_is_nothing():
    torch.manual_seed(0)
    a, b = torch.randn(2, 30, 3, dtype=torch.float64)
    torch.testing.assert_close(_add(-a, _add(a, b)), b)
    # And it is the distance of hyperbolic space, which is that of the ball.
    x, y = _ball(a), _ball(b)
    inside = (1 - x.square().sum(-1)) * (1 - y.square().sum(-1))
    distance = torch.acosh(1 + 2 * (x - y).square().sum(-1) / inside)
    torch.testing.assert_close(_add(-a, b).norm(dim=-1), distance)


def test_gradients_are_those_of_differences():
    loc, scale = LOC.clone().requires_grad_(), SCALE.clone().requires_grad_()
    z = torch.tensor([1.0, 0.2], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda m, s, v: WrappedNormal(m, s, 1.3).log_prob(v), (loc, scale, z)
    )


@pytest.mark.parametrize("at", [0.0, 1e-9, 30.0, 1e4])
def test_at_the_origin_and_far_out_all_is_finite(at):
    loc = torch.full((1, 2), at, requires_grad=True)
    q = WrappedNormal(loc, torch.ones(1, 2), 1.0)
    z = q.rsample((20,))
    density = q.log_prob(z)
    assert z.isfinite().all() and density.isfinite().all()
    (z.sum() + density.sum()).backward()
    assert loc.grad.isfinite().all()


def test_beyond_the_edge_of_the_ball_densities_go_on_as_they_did():
    q = WrappedNormal(LOC, 3 * SCALE, 1.0)
    z = torch.linspace(12, 18, 61, dtype=torch.float64)[:, None] * torch.tensor([0.8, 0.6])
    bend = q.log_prob(z).diff().diff()
    assert (bend.abs() < 1e-1).all() and (bend.diff().abs() < 1e-3).all()
    assert q.log_prob(torch.tensor([200.0, 100.0], dtype=torch.float64)) < -1e3
