"""The identity of the ELBO: closed forms of a linear model, and identities that do not hold."""

import numpy as np
import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from latentia.distribution.divergence import closed_form_kl
from latentia.errors import UsageError
from latentia.evidence.exact import Exact, linear_gaussian
from latentia.evidence.quadrature import refine
from latentia.lab import _integrals
from latentia.lab._integrals import integrals
from latentia.lab.elbo_identity import ElboIdentity
from latentia.likelihood.gaussian import Gaussian as GaussianLikelihood
from latentia.model import LatentVariableModel
from latentia.network.linear import Linear
from latentia.posterior.gaussian import Gaussian
from latentia.prior.standard_normal import StandardNormal
from latentia.rng import seeded


@pytest.fixture(scope="module")
def linear():
    """Return a linear-Gaussian model of two latents with a decoder that matters, and three x."""
    with seeded(0):
        parts = (
            Gaussian(Linear(), (6,), 2),
            StandardNormal(2),
            GaussianLikelihood(Linear(), (6,), 2),
        )
        model = LatentVariableModel(*parts)
        with torch.no_grad():
            for parameter in model.likelihood.decoder.parameters():
                parameter.copy_(torch.randn_like(parameter))
        return model.eval(), torch.randn(3, 6)


def test_every_integral_of_a_linear_model_is_its_closed_form(linear):
    model, x = linear
    found = integrals(model, x)
    with torch.no_grad():
        q = model.posterior(x)
    wide = MultivariateNormal(q.mean.double(), torch.diag_embed(q.variance.double()))
    gap = kl_divergence(wide, linear_gaussian(model).posterior(x)).numpy()
    evidence = Exact()(model, x).log_likelihood.numpy()
    np.testing.assert_allclose(found.log_px, evidence, atol=2e-4)
    np.testing.assert_allclose(found.log_mean_weight, evidence, atol=2e-4)
    np.testing.assert_allclose(found.kl_posterior, gap, atol=2e-4)
    np.testing.assert_allclose(found.elbo, evidence - gap, atol=2e-4)
    np.testing.assert_allclose(found.reconstruction - found.kl_prior, evidence - gap, atol=2e-4)
    np.testing.assert_allclose(found.jensen, gap, atol=2e-4)


def test_q_beside_the_posterior_is_not_lost_by_the_cubature(linear, monkeypatch):
    model, x = linear
    loc = torch.full((3, 2), 4.0)
    far = Independent(Normal(loc, torch.full((3, 2), 0.05)), 1)
    monkeypatch.setattr(model.posterior, "forward", lambda x, c=None: far)
    found = integrals(model, x)
    assert np.abs(found.identity).max() < 1e-3
    assert found.kl_posterior.min() > 1


def test_the_posterior_is_normalized_by_the_cubature_and_not_by_the_grid(linear, monkeypatch):
    model, x = linear
    before = integrals(model, x)

    def off(*arguments, **options):
        grid = refine(*arguments, **options)
        return grid._replace(log_evidence=grid.log_evidence + 0.1)

    monkeypatch.setattr(_integrals, "refine", off)
    found = integrals(model, x)
    np.testing.assert_allclose(found.kl_posterior, before.kl_posterior, atol=1e-4)
    np.testing.assert_allclose(found.identity, 0.1, atol=1e-3)


def test_the_identity_holds_on_digits(bench):
    finding = ElboIdentity(n=2, samples=10).run(bench)
    assert finding.verdict == "confirmed"
    numbers = finding.numbers
    mean, this = numbers["mean"], numbers["this_x"]
    assert mean["log_px"] == pytest.approx(mean["elbo"] + mean["kl_posterior"], abs=1e-3)
    assert this["elbo"] == pytest.approx(this["reconstruction"] - this["kl_prior"], abs=1e-3)
    ladder = list(numbers["log_mean_weight_of_k_samples"].values())
    assert ladder[0] <= ladder[1]
    assert np.isfinite(ladder).all()


@pytest.mark.parametrize("beta", [0.999, 1.001])
def test_what_is_no_elbo_is_refuted(bench, monkeypatch, beta):
    def weighted(q, p):
        found = closed_form_kl(q, p)
        return found._replace(total=beta * found.total)

    monkeypatch.setattr(_integrals, "closed_form_kl", weighted)
    finding = ElboIdentity(n=2, samples=2).run(bench)
    assert [check.verdict for check in finding.checks[:2]] == ["refuted", "refuted"]
    assert finding.verdict == "refuted"


@pytest.mark.parametrize("bad", [{"n": 1}, {"samples": 1}])
def test_options_that_leave_nothing_to_integrate_are_refused(bad):
    with pytest.raises(UsageError, match="nothing to integrate"):
        ElboIdentity(**bad)
