"""Quadrature against closed forms and scipy: narrow, far, slanting and divided posteriors."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate

from latentia.errors import UsageError
from latentia.evidence import quadrature
from latentia.evidence.exact import Exact, linear_gaussian
from latentia.evidence.quadrature import Quadrature, refine


def turned(angle, narrow, wide=1.0):
    """Return W (3, 2) of which p(z|x) under noise of 0.01 is narrow in one slanting direction."""
    c, s = math.cos(angle), math.sin(angle)
    rotation = torch.tensor([[c, s], [-s, c], [0.0, 0.0]]).double()
    return 0.01 * rotation * torch.tensor([[1 / narrow], [1 / wide], [0.0]]).double()


def check(model, x, slack=1e-10):
    exact = Exact()(model, x).log_likelihood
    found = Quadrature()(model, x)
    gap = (found.log_likelihood - exact).abs()
    assert (gap <= found.error + slack).all(), (gap, found.error)
    assert (found.error < 1e-3).all()


@pytest.mark.parametrize("narrow", [0.5, 0.05, 0.005])
def test_a_narrow_slanting_ridge_is_followed_to_its_ends(linear_gaussian_of, simulated, narrow):
    """Its q, of the right mean, covers a hundredth of it; no coarse cell's centre is on it."""
    model = linear_gaussian_of(turned(0.6, narrow), torch.zeros(3).double(), 0.01)
    torch.manual_seed(0)
    check(model, simulated(model, 3)[1])


@pytest.mark.parametrize("off", [0.0, 0.5, 30.0])
def test_a_narrow_peak_is_found_wherever_q_is(linear_gaussian_of, simulated, off):
    model = linear_gaussian_of(turned(0.6, 0.005, 0.005), torch.zeros(3).double(), 0.01)
    torch.manual_seed(0)
    _, x, _ = simulated(model, 3)
    with torch.no_grad():
        model.posterior.head.bias[:2] += off
    check(model, x)


@pytest.mark.parametrize("log_sd", [-10.0, 0.0, 3.0])
def test_a_q_of_any_width_does_no_harm(small, simulated, log_sd):
    torch.manual_seed(0)
    _, x, _ = simulated(small, 2)
    with torch.no_grad():
        small.posterior.head.weight.zero_()
        small.posterior.head.bias[2:] = log_sd
    check(small, x)


def test_one_latent(linear_gaussian_of, simulated):
    torch.manual_seed(0)
    for s in (1.0, 0.003):
        model = linear_gaussian_of(torch.randn(3, 1).double(), torch.zeros(3).double(), s)
        check(model, simulated(model, 5)[1])


@pytest.mark.parametrize("s", [1.0, 0.05, 0.01])
def test_two_modes_of_which_q_knows_one(two_modes, s):
    """The mode at -2, of width s / 4, is found without q; scipy is told where both are."""
    model = two_modes(s)
    found = Quadrature()(model, torch.full((1, 1), 4.0).double())

    def joint(z):
        return np.exp(-0.5 * (z**2 + ((4 - z**2) / s) ** 2)) / (2 * np.pi * s)

    areas = [
        integrate.quad(joint, a, b, points=[c], epsabs=0, epsrel=1e-12, limit=200)[0]
        for a, b, c in ((-6, 0, -2), (0, 6, 2))
    ]
    assert found.log_likelihood.item() == pytest.approx(math.log(sum(areas)), abs=1e-6)
    assert found.error.item() < 1e-3


def test_four_modes_in_the_plane(two_modes):
    """Two latents that do not meet: the square of the integral over one."""
    one = Quadrature()(two_modes(0.1), torch.full((1, 1), 4.0).double())
    plane = Quadrature()(two_modes(0.1, 2), torch.full((1, 2), 4.0).double())
    assert plane.log_likelihood.item() == pytest.approx(2 * one.log_likelihood.item(), abs=1e-6)


@pytest.mark.parametrize("sd", [1.0, 0.1, 0.003])
def test_a_mixture_s_small_far_and_narrow_part_is_seen(model_of, sd):
    """A part of weight 1/1000 that is 40 deviations of the whole mixture away from its mean."""
    model = model_of(
        *(1, 2),
        prior={"name": "mixture", "components": 2},
        likelihood={"name": "gaussian", "sigma": "fixed"},
    )
    weight = torch.tensor([[1.0, 0.0]]).double()
    with torch.no_grad():
        model.likelihood.decoder[0].weight.copy_(weight)
        model.prior.logits.copy_(torch.tensor([math.log(9999.0), 0.0]))
        model.prior.loc.copy_(torch.tensor([[0.0, 0.0], [30.0, 30.0]]))
        model.prior.log_scale[0], model.prior.log_scale[1] = 0.0, math.log(sd)
    x = torch.tensor([[0.0], [30.0]]).double()
    found = Quadrature()(model, x)
    normal = torch.distributions.Normal
    parts = torch.stack(
        [
            math.log(w) + normal(loc, (1 + scale**2) ** 0.5).log_prob(x[:, 0])
            for w, loc, scale in ((0.9999, 0.0, 1.0), (0.0001, 30.0, sd))
        ]
    )
    torch.testing.assert_close(found.log_likelihood, parts.logsumexp(0), atol=1e-6, rtol=0)


def test_the_error_bounds_the_real_one_at_any_tolerance(linear_gaussian_of, simulated):
    torch.manual_seed(0)
    for narrow in (0.3, 0.03):
        model = linear_gaussian_of(turned(0.3, narrow), torch.zeros(3).double(), 0.01)
        _, x, exact = simulated(model, 4)
        for tolerance in (0.5, 1e-2, 1e-6):
            found = Quadrature(tolerance=tolerance)(model, x)
            assert ((found.log_likelihood - exact).abs() <= found.error).all()
            assert (found.error <= tolerance).all()


def test_in_single_precision_the_error_is_not_below_what_floats_tell_apart(small, simulated):
    torch.manual_seed(0)
    _, x, _ = simulated(small, 3)
    exact = Exact()(small, x).log_likelihood
    found = Quadrature(tolerance=1e-9)(small.float(), x.float())
    assert (found.error > 1e-8).all()
    assert ((found.log_likelihood - exact).abs() < 10 * found.error).all()


def test_the_normalized_cells_are_the_posterior(linear_gaussian_of, simulated):
    model = linear_gaussian_of(turned(0.6, 0.1), torch.zeros(3).double(), 0.01)
    torch.manual_seed(0)
    _, x, _ = simulated(model, 3)
    grid, exact = refine(model, x), linear_gaussian(model).posterior(x)
    for example in range(3):
        own = grid.example == example
        mass = (grid.log_joint + grid.log_volume - grid.log_evidence[example])[own].exp()
        assert mass.sum().item() == pytest.approx(1, abs=1e-9)
        mean = mass @ grid.z[own]
        centred = grid.z[own] - mean
        torch.testing.assert_close(mean, exact.mean[example], atol=1e-6, rtol=0)
        covariance = (mass[:, None] * centred).T @ centred
        expected = exact.covariance_matrix.expand(3, 2, 2)[example]
        torch.testing.assert_close(covariance, expected, atol=1e-9, rtol=1e-6)


def test_the_cells_of_an_example_cover_the_box_once(small):
    grid = refine(small, torch.zeros(2, 4).double())
    for example in range(2):
        volume = grid.log_volume[grid.example == example].exp().sum()
        assert volume.item() == pytest.approx(16**2, rel=1e-9)


def test_an_example_does_not_depend_on_those_beside_it(small, simulated):
    torch.manual_seed(0)
    _, x, _ = simulated(small, 4)
    together = Quadrature()(small, x).log_likelihood
    alone = torch.cat([Quadrature()(small, each[None]).log_likelihood for each in x])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_no_more_cells_are_decoded_at_once_than_fit(small, monkeypatch):
    monkeypatch.setattr(quadrature, "_CELLS", 100)
    sizes, original = [], small.log_likelihood

    def record(x, z, c=None):
        sizes.append(max(len(z) * len(x), z.shape[1]))
        return original(x, z, c)

    monkeypatch.setattr(small, "log_likelihood", record)
    Quadrature()(small, torch.zeros(3, 4).double())
    assert max(sizes) <= 100


@pytest.mark.parametrize("latent_dim", [3, 20])
def test_more_latents_are_refused(model_of, latent_dim, says):
    with pytest.raises(UsageError) as caught:
        Quadrature().require(model_of(4, latent_dim))
    says(caught.value, f"has {latent_dim}", "--evidence annealed")
    with pytest.raises(UsageError):
        refine(model_of(4, latent_dim), torch.zeros(1, 4).double())


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -1e-3, float("nan")])
def test_a_tolerance_that_is_none_is_refused(tolerance, says):
    with pytest.raises(UsageError) as caught:
        Quadrature(tolerance=tolerance)
    says(caught.value, "--evidence.tolerance", "mend:")
