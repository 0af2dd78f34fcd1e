"""Naive likelihood: simulated samples of the prior, closed forms, and claims that fail."""

import numpy as np
import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from latentia.errors import UsageError
from latentia.evidence.exact import Exact, linear_gaussian
from latentia.evidence.naive import NaiveMonteCarlo
from latentia.lab import _estimates
from latentia.lab._estimates import PRIOR, Measured, Q, matching, measure
from latentia.lab._prior_samples import Atoms, atoms
from latentia.lab.naive_likelihood import NaiveLikelihood, checks, fails_from
from latentia.likelihood.gaussian import Gaussian as GaussianLikelihood
from latentia.model import LatentVariableModel
from latentia.network.linear import Linear
from latentia.posterior.gaussian import Gaussian
from latentia.prior.standard_normal import StandardNormal
from latentia.rng import seeded


@pytest.fixture(scope="module")
def linear():
    """Return a linear-Gaussian model of three latents with a good q, and x of its own."""
    with seeded(0):
        model = LatentVariableModel(
            Gaussian(Linear(), (8,), 3), StandardNormal(3), GaussianLikelihood(Linear(), (8,), 3)
        )
        with torch.no_grad():
            for parameter in model.likelihood.decoder.parameters():
                parameter.copy_(3 * torch.randn_like(parameter))
            x = model.likelihood(torch.randn(6, 3)).sample()
    exact = linear_gaussian(model).posterior(x)
    near = Independent(Normal(exact.mean.float(), 1.1 * exact.stddev.float()), 1)
    model.posterior.forward = lambda x, c=None: near
    return model.eval(), x


def test_the_atoms_are_the_prior_and_know_the_evidence_and_the_divergence(linear):
    model, x = linear
    with seeded(0):
        found = atoms(model, x)
    np.testing.assert_allclose(found.log_prior.logsumexp(0), 0, atol=0.1)
    evidence = (found.log_prior + found.log_px_z).logsumexp(0)
    np.testing.assert_allclose(evidence, Exact()(model, x).log_likelihood, atol=0.2)
    exact = linear_gaussian(model).posterior(x)
    unit = MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double())
    expected = kl_divergence(exact, unit)
    np.testing.assert_allclose(found.divergence, expected, atol=0.5)


def test_simulated_samples_are_like_drawn_ones(linear):
    model, x = linear
    with seeded(0):
        points = [atoms(model, x) for _ in range(20)]
        for count in (100, 1000):
            simulated = torch.stack([each.naive(count, 5) for each in points])
            drawn = torch.stack(
                [NaiveMonteCarlo(samples=count)(model, x).log_likelihood for _ in range(60)]
            )
            more = simulated.mean(0) - drawn.mean(0)
            error = (simulated.var(0) / 20 + drawn.var(0) / 60).sqrt()
            assert (more.abs() < 4 * error + 0.05).all()
            assert (drawn.mean(0) < Exact()(model, x).log_likelihood + 0.1).all()


def test_an_atom_is_hit_as_often_as_its_probability_says():
    # Two pieces of the prior, one with a likelihood of 1 and one with next to none.
    log_prior = torch.tensor([[0.25], [0.75]]).double().log()
    log_px_z = torch.tensor([[0.0], [-200.0]]).double()
    with seeded(0):
        mean = Atoms(log_prior, log_px_z).naive(1e6, 5)
    np.testing.assert_allclose(mean, np.log(0.25), atol=0.01)


def test_the_match_is_where_the_curve_reaches_the_level():
    simulated = {10.0**k: np.array([-16.0 / k, -1.0 * (8 - k)]) for k in (1.0, 2.0, 4.0, 8.0)}
    found = matching(simulated, np.array([-4.0, -3.0]))
    np.testing.assert_allclose(found, [4.0, 5.0])
    np.testing.assert_allclose(matching(simulated, np.array([-99.0, 0.5])), [1.0, 8.0])
    wavy = {10.0**k: np.array([at]) for k, at in ((1, -3.0), (2, -1.0), (3, -2.0))}
    np.testing.assert_allclose(matching(wavy, np.array([-1.2])), [1.9])


def test_it_measures_a_model_whose_evidence_is_known(linear, monkeypatch):
    monkeypatch.setattr(_estimates, "_ANNEALED", {"temperatures": 30, "chains": 8, "leaps": 3})
    model, x = linear
    with seeded(0):
        found = measure(model, x)
    evidence = Exact()(model, x).log_likelihood.numpy()
    np.testing.assert_allclose(found.truth, evidence, atol=1.0)
    assert (found.naive_error >= 0).all()
    assert [*found.prior] == [1, 10, 100, 1000] == [*found.q]
    assert (found.prior_ess < PRIOR).all()
    assert (found.q_ess <= Q).all()
    np.testing.assert_allclose(found.simulated[1e12], evidence, atol=0.5)


def test_it_compares_the_models_of_the_bench(bench, monkeypatch):
    monkeypatch.setattr(_estimates, "_ANNEALED", {"temperatures": 5, "chains": 2, "leaps": 2})
    monkeypatch.setattr(_estimates, "_REPEATS", 2)
    finding = NaiveLikelihood(n=2, latents=(2, 20)).run(bench)
    told = finding.numbers["by_latents"]
    assert set(told) == {2, 20}
    assert told[20]["naive_error"] > told[20]["q_error"]
    assert told[2]["log_px_error"] < 1e-3 < told[20]["log_px_error"]


def _measured(naive, q, match, n=20, truth_error=0.0):
    rng = np.random.default_rng(0)
    truth = rng.normal(-100, 10, n)
    nothing = np.zeros(n)
    return Measured(
        truth=truth,
        truth_error=nothing + truth_error,
        annealed=truth,
        naive=truth - rng.gamma(9, naive / 9, n),
        importance=truth - rng.gamma(9, q / 9, n),
        prior={1000: truth},
        q={100: truth},
        simulated={},
        matching=match + rng.normal(0, 0.3, n),
        prior_ess=nothing,
        q_ess=nothing,
        divergence=nothing,
    )


@pytest.mark.parametrize(
    ("middle", "last", "verdict", "since"),
    [
        ((10, 1, 6), (40, 1, 9), "confirmed", 5),
        ((0.5, 2, 6), (40, 1, 9), "refuted", 20),  # the prior is better with five
        ((10, 1, 6), (0.5, 1, 9), "refuted", None),  # ... and with twenty
        ((10, 1, 6), (40, 20, 9), "refuted", 5),  # q is not near
        ((10, 1, 6), (40, 1, 3), "refuted", 5),  # a thousand would do
        ((10, 1, 6), (40, 1, 1), "refuted", 5),  # and fewer than with two
    ],
)
def test_every_part_of_the_claim_can_fail(middle, last, verdict, since):
    found = {2: _measured(1, 2, 3), 5: _measured(*middle), 20: _measured(*last)}
    seen = {check.verdict for check in checks(found)}
    assert ("refuted" if "refuted" in seen else "confirmed") == verdict
    assert fails_from(found) == since


def test_the_error_of_the_truth_is_in_whatever_is_held_against_it():
    def checked(error):
        return checks({2: _measured(1, 2, 3), 20: _measured(10, 0.5, 9, truth_error=error)})

    known, unsure = checked(0.0), checked(3.0)
    # 20 images, 3 nats each: 3 / sqrt(20) on average, and by the logarithm 3^2 / 2 too low.
    off = np.hypot(3 / 20**0.5, 4.5)
    assert unsure[0].error == pytest.approx(np.hypot(known[0].error, 2 * off))
    naive, share = 10 - 0.5, 1 + unsure[1].value
    assert unsure[1].error == pytest.approx(share * off / naive, rel=0.2)
    assert [check.verdict for check in known] == ["confirmed"] * 4
    assert [check.verdict for check in unsure] == ["undecided"] * 2 + ["confirmed"] * 2
    assert known[2:] == unsure[2:]


@pytest.mark.parametrize(
    "bad", [{"n": 1}, {"latents": (2,)}, {"latents": (5, 2)}, {"latents": (0, 2)}]
)
def test_options_that_leave_nothing_to_compare_are_refused(bad):
    with pytest.raises(UsageError, match="nothing to compare"):
        NaiveLikelihood(**bad)
