"""The contract of the prior room: p(z) is one density, sampled and integrated alike."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Independent, Normal

from latentia import room
from latentia.distribution.divergence import closed_form_kl
from latentia.errors import RunError
from latentia.evidence.enumeration import codes


def make(member, latent_dim=2, seed=0):
    """Return a prior whose parameters, if it has any, are not where they started."""
    torch.manual_seed(0)
    offer = {"network": room.build("network", {"name": "mlp", "hidden": (8,)}), "x_shape": (5,)}
    offer |= {"latent_dim": latent_dim, "c_dim": 2}
    offer["posterior"] = room.build("posterior", "gaussian", **offer)
    torch.manual_seed(seed)
    prior = room.build("prior", member, **offer)
    with torch.no_grad():
        for name, parameter in prior.named_parameters():
            # A network's by what leaves the density wide enough to be integrated on a grid.
            size = 0.02 if "." in name else 0.3
            parameter.add_(size * torch.randn_like(parameter))
    prior.c = torch.tensor([0.5, -0.5])  # for those that depend on one
    return prior


def grid(points=401, reach=6.0):
    """Return nodes z = sinh(u), far into heavy tails, and their quadrature weights."""
    u = torch.linspace(-reach, reach, points, dtype=torch.float64)
    return u.sinh(), u.cosh() * (2 * reach / (points - 1))


def plane():
    nodes, weights = grid()
    z = torch.cartesian_prod(nodes, nodes)
    return z, torch.outer(weights, weights).flatten()


def on_a_grid(member):
    """Whether its latents are numbers; others have tests of their own."""
    cls = room.load("prior", member["name"])
    return cls.is_proper and cls.space == "real"


def test_a_prior_of_directions_has_all_its_mass_on_the_circle(member):
    if room.load("prior", member["name"]).space != "sphere":
        return
    angle = torch.linspace(0, 2 * torch.pi, 2001)
    z = torch.stack([angle.cos(), angle.sin()], -1)
    area = torch.trapezoid(make(member)().log_prob(z).exp(), angle)
    assert area.item() == pytest.approx(1, abs=1e-5)


def divided(member):
    """Return a member, and the same with its latents divided into several choices."""
    options = {option.name for option in room.member("prior", member["name"]).options}
    return [member, {**member, "choices": 2}] if "choices" in options else [member]


def test_a_prior_of_codes_sums_to_one_over_them_and_draws_each_as_often_as_it_says(member):
    if room.load("prior", member["name"]).space not in ("binary", "one-hot"):
        return
    for written in divided(member):
        p = make(written, latent_dim=4)()
        z, n = codes(p), 40_000
        mass = p.log_prob(z).exp()
        assert mass.sum().item() == pytest.approx(1, abs=1e-6)
        drawn = (p.sample((n,))[:, None] == z).all(-1).double().mean(0)
        assert ((drawn - mass).abs() <= 5 * (mass * (1 - mass) / n).sqrt()).all()


def density(prior, z):
    with torch.no_grad():
        return prior().log_prob(z.float()).double().exp()


def test_batches_of_latents_have_a_log_density_each(member):
    p = make(member, latent_dim=3)()
    assert p.event_shape == (3,)
    assert p.log_prob(torch.randn(5, 4, 3)).shape == (5, 4)


def test_an_improper_prior_refuses_to_be_sampled(member):
    prior = make(member)
    if prior.is_proper:
        assert prior().sample((7,)).shape == (7, 2)
    else:
        with pytest.raises(RunError):
            prior().sample((7,))


def test_the_density_integrates_to_one(member):
    if not on_a_grid(member):
        return
    prior = make(member, latent_dim=1)
    nodes, weights = grid(400_001)  # a spline of four layers has narrow peaks
    assert (density(prior, nodes[:, None]) @ weights).item() == pytest.approx(1, abs=1e-4)
    z, area = plane()
    assert (density(make(member), z) @ area).item() == pytest.approx(1, abs=1e-3)


def test_draws_follow_the_density(member):
    if not on_a_grid(member):
        return
    prior = make(member, latent_dim=1)
    nodes, weights = grid(60_001)
    cdf = (density(prior, nodes[:, None]) * weights).cumsum(0)
    draws = prior().sample((4000,)).squeeze(-1).double()
    found = stats.kstest(draws, lambda x: np.interp(x, nodes, cdf))
    assert found.pvalue > 1e-3


def test_expectations_over_the_plane_agree_with_draws(member):
    if not on_a_grid(member):
        return
    prior = make(member)
    z, area = plane()
    mass, n = density(prior, z) * area, 20_000
    draws = prior().sample((n,)).double()

    def features(z):
        a, b = z[:, 0].tanh(), z[:, 1].tanh()
        return torch.stack([a, b, a * b, a * a], -1)

    drawn = features(draws)
    gap = (drawn.mean(0) - mass @ features(z)).abs()
    assert (gap < 5 * drawn.std(0) / math.sqrt(n) + 1e-3).all()


def test_a_closed_form_kl_agrees_with_monte_carlo_in_value_and_gradient(member):
    prior = make(member)
    loc = torch.tensor([[0.7, -0.4]], requires_grad=True)
    log_scale = torch.tensor([[0.2, -0.8]], requires_grad=True)
    leaves = [loc, log_scale, *prior.parameters()]

    def both():
        q = Independent(Normal(loc, log_scale.exp()), 1)
        z = q.rsample((50_000,))
        return closed_form_kl(q, prior()).total, (q.log_prob(z) - prior().log_prob(z)).mean(0)

    exact, sampled = both()
    if exact is None:
        return
    torch.testing.assert_close(exact, sampled, rtol=0, atol=0.03)
    slopes = torch.autograd.grad(exact.sum(), leaves, retain_graph=True)
    about = torch.autograd.grad(sampled.sum(), leaves)
    for one, other in zip(slopes, about, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0.05)


def test_every_parameter_has_a_gradient(member):
    for written in divided(member):
        prior = make(written, latent_dim=4)
        if not list(prior.parameters()):
            return
        (-prior().log_prob(torch.randn(50, 4)).sum()).backward()
        for name, parameter in prior.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name
            assert parameter.grad.any(), name


def test_a_latent_has_a_gradient_unless_the_prior_is_flat(member):
    prior, z = make(member), torch.randn(5, 2, requires_grad=True)
    value = prior().log_prob(z)
    if member["name"] in ("flat", "hyperspherical"):
        assert (value == value[0]).all()
        return
    (slope,) = torch.autograd.grad(value.sum(), z)
    assert slope.isfinite().all() and slope.any()


def test_saved_and_loaded_weights_give_the_same_density(member):
    one, other = make(member, seed=0), make(member, seed=1)
    other.load_state_dict(one.state_dict())
    z = torch.randn(5, 2)
    assert torch.equal(one().log_prob(z), other().log_prob(z))
