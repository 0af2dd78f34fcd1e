"""Annealed importance sampling: unbiased with any path, exact in reverse, and it brackets."""

import math

import pytest
import torch

from latentia.errors import UsageError
from latentia.evidence import annealed, importance
from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional
from latentia.evidence.exact import Exact, linear_gaussian
from latentia.evidence.quadrature import Quadrature

STARTS = pytest.mark.parametrize("start", ["prior", "posterior"])


def blurred(model):
    """Give a model a q that is off by half of its width, and wider."""
    with torch.no_grad():
        model.posterior.head.bias += torch.tensor([0.3, -0.3, 0.4, 0.4])
    return model


@STARTS
def test_weights_of_few_temperatures_are_unbiased(small, start):
    x = torch.tensor([[0.5, -1.0, 2.0, 0.3]]).double().expand(2000, 4)
    exact = Exact()(small, x[:1]).log_likelihood
    torch.manual_seed(0)
    estimator = AnnealedImportanceSampling(temperatures=4, chains=1, leaps=2, start=start)
    ratio = (estimator(blurred(small), x).log_likelihood - exact).exp()
    assert (ratio.mean() - 1).abs() < 5 * ratio.std() / 2000**0.5
    assert 0.1 < ratio.std() < 4


@STARTS
def test_weights_of_the_reverse_chain_are_unbiased_for_the_inverse(small, start):
    x = torch.tensor([[0.5, -1.0, 2.0, 0.3]]).double().expand(2000, 4)
    exact = Exact()(small, x[:1]).log_likelihood
    torch.manual_seed(0)
    z = linear_gaussian(small).posterior(x).sample()
    estimator = AnnealedImportanceSampling(temperatures=8, chains=1, leaps=3, start=start)
    ratio = (exact - estimator.sandwich(blurred(small), x, z).upper).exp()
    assert (ratio.mean() - 1).abs() < 5 * ratio.std() / 2000**0.5
    assert 0.1 < ratio.std() < 4


@STARTS
def test_the_sandwich_holds_the_evidence_and_closes(small, simulated, start):
    torch.manual_seed(0)
    z, x, exact = simulated(small, 250)
    gaps = []
    for temperatures in (3, 12, 60):
        estimator = AnnealedImportanceSampling(
            temperatures=temperatures, chains=4, leaps=4, start=start
        )
        lower, upper = found = estimator.sandwich(blurred(small) if not gaps else small, x, z)
        for side in (exact - lower, upper - exact):
            assert side.mean() > -4 * side.std() / 250**0.5
        gaps.append(found.gap.mean().item())
    assert gaps[0] > 2 * gaps[1] > 4 * gaps[2] > 0
    assert gaps[2] < 0.4


def test_bidirectional_draws_x_of_the_z_that_the_chains_leave(small):
    """E[log p(x)] of the model's own data is minus the entropy of its marginal."""
    known = linear_gaussian(small)
    covariance = known.weight @ known.weight.T + known.variance.diag()
    mean = -0.5 * (torch.logdet(2 * math.pi * math.e * covariance)).item()
    estimator = AnnealedImportanceSampling(temperatures=40, chains=4, leaps=4)
    found = bidirectional(small, estimator, 200, seed=1)
    assert found.lower.shape == found.upper.shape == (200,)
    assert 0 < found.gap.mean() < 0.3  # a z that x is not of would put the upper bound below
    summary = found.summary()
    error = found.lower.std().item() / 200**0.5
    assert summary["lower"] - 4 * error < mean < summary["upper"] + 4 * error
    assert summary["gap"] == pytest.approx(summary["upper"] - summary["lower"])
    assert summary["gap_standard_error"] == pytest.approx(found.gap.std().item() / 200**0.5)


def test_a_sandwich_is_repeated_by_its_seed_and_leaves_random_numbers_alone(small):
    estimator = AnnealedImportanceSampling(temperatures=3, chains=2, leaps=1)
    state = torch.get_rng_state()
    one, same, other = (bidirectional(small, estimator, 2, seed=s) for s in (0, 0, 1))
    assert torch.equal(one.lower, same.lower) and torch.equal(one.upper, same.upper)
    assert not torch.equal(one.lower, other.lower)
    assert torch.equal(torch.get_rng_state(), state)
    assert bidirectional(small, estimator, 1).summary()["gap_standard_error"] is None


def test_a_sandwich_of_nothing_is_refused(small, model_of):
    estimator = AnnealedImportanceSampling(temperatures=3)
    with pytest.raises(UsageError, match="--sandwich"):
        bidirectional(small, estimator, 0)
    with pytest.raises(UsageError, match="no log p"):
        bidirectional(model_of(4, 2, prior="flat"), estimator, 3)


@STARTS
def test_the_pilot_comes_to_the_acceptance_that_is_best(linear_gaussian_of, monkeypatch, start):
    """From the first step size to that of a posterior twenty times narrower than the prior."""
    torch.manual_seed(0)
    model = linear_gaussian_of(torch.randn(30, 10).double(), torch.zeros(30).double(), 0.2)
    x, rates, original = torch.randn(4, 30).double(), [], annealed.transition

    def record(path, state, b, step, leaps):
        state, accept = original(path, state, b, step, leaps)
        rates.append(accept.mean().item())
        return state, accept

    monkeypatch.setattr(annealed, "transition", record)
    AnnealedImportanceSampling(temperatures=60, chains=20, leaps=3, start=start)(model, x)
    assert len(rates) == 2 * 59  # the pilot's, then the chains' own
    settled = rates[59 + 20 :]
    assert sum(settled) / len(settled) == pytest.approx(0.65, abs=0.1)
    assert min(settled) > 0.4


def test_the_chains_are_not_those_of_the_pilot(small, monkeypatch):
    """Step sizes that had seen the weights would bias them."""
    starts, original = [], annealed.Path.draw
    monkeypatch.setattr(
        annealed.Path, "draw", lambda self, n: starts.append(original(self, n)) or starts[-1]
    )
    AnnealedImportanceSampling(temperatures=3, chains=8)(small, torch.zeros(1, 4).double())
    pilot, chains = starts
    assert not torch.isin(pilot.z, chains.z).any()


def test_a_pilot_s_step_sizes_are_kept(small, monkeypatch):
    steps, original = [], annealed.transition

    def record(path, state, b, step, leaps):
        steps.append((b, step.clone()))
        return original(path, state, b, step, leaps)

    monkeypatch.setattr(annealed, "transition", record)
    z, x = torch.zeros(2, 2).double(), torch.zeros(2, 4).double()
    AnnealedImportanceSampling(temperatures=5, chains=3).sandwich(small, x, z)
    forward, backward = steps[4:8], steps[8:]
    assert len(backward) == 4
    for (b, one), (c, other) in zip(forward, reversed(backward), strict=True):
        assert b == c and torch.equal(one, other)


def test_both_starts_find_the_same(model_of):
    model = model_of(5, 3, spread=0.6, network={"name": "mlp", "hidden": (8,)})
    torch.manual_seed(0)
    x = torch.rand(6, 5).round().double()
    one, other = (
        AnnealedImportanceSampling(temperatures=60, chains=60, leaps=3, start=start)(model, x)
        for start in ("prior", "posterior")
    )
    gap = (one.log_likelihood - other.log_likelihood).abs()
    assert (gap < 5 * (one.error.square() + other.error.square()).sqrt() + 0.01).all()
    assert (one.error < 0.15).all() and (other.error < 0.3).all()


def test_from_the_prior_both_modes_are_found(two_modes):
    model, x = two_modes(0.5), torch.full((4, 1), 4.0).double()
    exact = Quadrature()(model, x).log_likelihood
    torch.manual_seed(0)
    found = AnnealedImportanceSampling(temperatures=60, chains=100, leaps=3)(model, x)
    assert ((found.log_likelihood - exact).abs() < 5 * found.error).all()
    assert (found.error < 0.15).all()


@pytest.mark.parametrize("temperatures", [3, 4, 300])
def test_the_schedule_goes_slowly_at_both_ends(temperatures):
    b = torch.tensor(AnnealedImportanceSampling(temperatures=temperatures).schedule).double()
    steps = b.diff()
    assert (b[0], b[-1], len(steps)) == (0, 1, temperatures)
    assert (steps > 0).all()
    torch.testing.assert_close(steps, steps.flip(0))
    assert steps.argmin() in (0, temperatures - 1)


def test_memory_does_not_grow_with_chains(small, monkeypatch):
    monkeypatch.setattr(importance, "_NUMBERS", 4 * 3 * 10)
    sizes, original = [], small.log_likelihood

    def record(x, z, c=None):
        sizes.append(len(z))
        return original(x, z, c)

    monkeypatch.setattr(small, "log_likelihood", record)
    x, z = torch.zeros(3, 4).double(), torch.zeros(3, 2).double()
    estimator = AnnealedImportanceSampling(temperatures=2, chains=25, leaps=1)
    assert estimator(small, x).effective_samples.shape == (3,)
    estimator.sandwich(small, x, z)
    assert max(sizes) == 10 and 5 in sizes
