"""Gradient estimators: the same expectation, and the variances that theory orders."""

from math import log

import numpy as np
import pytest
import torch
from tests.objective.conftest import build_toy

from latentia import room

OF_THE_ELBO = [
    {"name": "elbo"},
    {"name": "iwae", "samples": 1},
    {"name": "dreg", "samples": 1},
    {"name": "sticking-the-landing"},
    {"name": "score-function", "samples": 1, "baseline": "none"},
    {"name": "score-function", "samples": 4},
]
OF_IWAE = [
    {"name": "iwae", "samples": 2},
    {"name": "iwae", "samples": 2, "groups": 3},
    {"name": "dreg", "samples": 2},
    {"name": "piwae", "samples": 2, "groups": 3},
]


def written(spec):
    return "-".join(map(str, spec.values()))


def agrees(draws, expected):
    error = draws.std(0) / len(draws) ** 0.5
    gap = draws.mean(0) - torch.tensor(expected)
    assert (gap.abs() < 4.5 * error).all(), (gap / error, expected)
    assert (error < 0.1 * torch.tensor(expected).abs().max()).all()  # else anything would agree


@pytest.mark.parametrize("spec", OF_THE_ELBO, ids=written)
def test_the_elbo_s_gradient_is_that_of_finite_differences(toy, spec):
    agrees(toy.draws(room.build("objective", spec)), toy.slope(1))


@pytest.mark.parametrize("spec", OF_IWAE, ids=written)
def test_iwae_s_gradient_is_that_of_finite_differences(toy, spec):
    agrees(toy.draws(room.build("objective", spec)), toy.slope(2))


def test_ciwae_s_gradient_is_that_of_both_bounds(toy):
    elbo, tight = np.array(toy.slope(1)), np.array(toy.slope(2))
    spec = {"name": "ciwae", "samples": 2, "beta": 0.3}
    agrees(toy.draws(room.build("objective", spec)), 0.3 * elbo + 0.7 * tight)


@pytest.mark.parametrize("spec", [*OF_THE_ELBO, *OF_IWAE], ids=written)
def test_the_decoder_s_gradient_is_that_of_the_bound(toy, spec):
    """No trick on the encoder's gradient may touch the decoder's."""
    objective = room.build("objective", spec)
    model, x = toy.rows(20_000)
    parameters = list(toy.likelihood.parameters())
    torch.manual_seed(1)
    terms = objective.terms(model, x)
    groups = objective.groups if spec["name"] == "iwae" else 1  # piwae's are the encoder's
    log_w = terms.log_w.reshape(groups, -1, len(x))
    tight = spec["name"] in ("iwae", "dreg", "piwae")
    bound = log_w.logsumexp(1).mean(0) if tight else log_w.mean((0, 1))
    found, expected = (
        torch.cat(
            [g.flatten() for g in torch.autograd.grad(nats.mean(), parameters, retain_graph=True)]
        )
        for nats in (objective(terms), bound)
    )
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-12)


def slopes_of(nats, parameters):
    return torch.autograd.grad(nats, parameters, retain_graph=True)


def variance(toy, spec, **q):
    return toy.draws(room.build("objective", spec), n=20_000, **q).var(0).sum().item()


def test_the_score_function_varies_most_and_a_baseline_helps(toy):
    none = variance(toy, {"name": "score-function", "samples": 4, "baseline": "none"})
    others = variance(toy, {"name": "score-function", "samples": 4})
    path = variance(toy, {"name": "elbo", "samples": 4})
    assert none > 3 * others > 3 * path


@pytest.fixture(scope="module")
def known():
    """x = 1.5 z + noise of sd 0.8: the posterior is Gaussian, and q is beside it or exact."""
    precision = 1 + 1.5**2 / 0.8**2
    loc, scale = 1.5 * 0.9 / 0.8**2 / precision, precision**-0.5
    torch.manual_seed(0)
    offer = {"network": room.build("network", "linear"), "x_shape": (1,), "latent_dim": 1}
    fixed = {"name": "gaussian", "sigma": "fixed", "value": 0.8}
    likelihood = room.build("likelihood", fixed, **offer).double()
    with torch.no_grad():
        likelihood.bias.zero_()
        for parameter in likelihood.decoder.parameters():
            parameter.fill_(1.5) if parameter.dim() == 2 else parameter.zero_()
    x = torch.tensor([[0.9]], dtype=torch.float64)
    return build_toy(loc + 0.05, log(1.1 * scale), likelihood=likelihood, x=x), loc, log(scale)


def test_at_the_true_posterior_sticking_the_landing_does_not_vary_at_all(known):
    toy, loc, log_scale = known
    exact = {"loc": loc, "log_scale": log_scale}
    assert variance(toy, {"name": "sticking-the-landing"}, **exact) < 1e-12
    assert variance(toy, {"name": "dreg", "samples": 4}, **exact) < 1e-12
    assert variance(toy, {"name": "elbo"}, **exact) > 0.1
    assert variance(toy, {"name": "sticking-the-landing"}) > 1e-3


def test_of_one_sample_dreg_is_sticking_the_landing(known):
    one, other = (
        known[0].draws(room.build("objective", name), n=100)
        for name in ({"name": "dreg", "samples": 1}, "sticking-the-landing")
    )
    torch.testing.assert_close(one, other)


def test_dreg_varies_less_than_iwae_and_gains_signal_with_k(known):
    """Rainforth et al., 2018: IWAE's ratio of signal to noise falls as 1/sqrt(K); DReG's rises."""

    def signal(name, samples):
        draws = known[0].draws(room.build("objective", {"name": name, "samples": samples}))
        return (draws.mean(0).abs() / draws.std(0)).mean().item()

    for samples in (2, 16):
        dreg, iwae = (
            variance(known[0], {"name": n, "samples": samples}) for n in ("dreg", "iwae")
        )
        assert dreg < 0.2 * iwae
    assert signal("iwae", 32) < 0.6 * signal("iwae", 2)
    assert signal("dreg", 32) > 1.5 * signal("dreg", 2)
