"""Numbers of a model: which are there, what they mean, and when there are none."""

import json
import math

import pytest
import torch

from latentia.errors import RunError
from latentia.evaluation.bound import bound, per_example
from latentia.evaluation.likelihood import (
    Evaluation,
    LogLikelihood,
    _best,
    climb,
    evaluate,
    log_likelihood,
)
from latentia.evidence import importance
from latentia.evidence._weights import Weights
from latentia.evidence.importance import ImportanceSampling
from latentia.view import Examples, View


def weighed(model, examples, samples, **more):
    return log_likelihood(model, examples, ImportanceSampling(samples=samples), **more)


def spy(model, monkeypatch):
    seen, original = [], model.log_likelihood

    def record(x, z, c=None):
        seen.append(x)
        return original(x, z, c)

    monkeypatch.setattr(model, "log_likelihood", record)
    return seen


def test_bound_and_likelihood_see_the_same_binarization(model, examples, monkeypatch):
    seen = spy(model, monkeypatch)
    bound(model, examples, seed=5)
    once = torch.cat(seen)
    seen.clear()
    weighed(model, examples, 3, seed=5)
    assert torch.equal(torch.cat(seen), once)
    assert len(once.unique()) == 2


def test_all_samples_of_z_see_the_same_binarization(model, examples, monkeypatch):
    seen = spy(model, monkeypatch)
    monkeypatch.setattr(importance, "_NUMBERS", 5_000)
    weighed(model, Examples(examples.stored[:20], examples.view), 1000)
    assert len(seen) > 1
    assert all(torch.equal(x, seen[0]) for x in seen)


def test_the_bound_is_below_the_likelihood_and_more_samples_tighten_it(model, examples):
    elbo = per_example(model, examples, samples=200).elbo.mean()
    few, many = (weighed(model, examples, k).each.mean() for k in (2, 500))
    assert elbo < few < many


def test_a_seed_repeats_it(model, examples):
    one, two, other = (weighed(model, examples, 5, seed=s).each for s in (0, 0, 1))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_dropout_is_off_and_the_model_stays_in_its_mode(make, examples):
    model = make(dropout=0.5)
    noisy = weighed(model.train(), examples, 5).each
    assert model.training
    assert torch.equal(noisy, weighed(model.eval(), examples, 5).each)


def test_errors_are_of_the_mean_over_examples(model, examples):
    found = weighed(model, examples, 5)
    assert found.standard_error == pytest.approx(found.each.std().item() / math.sqrt(130))
    assert found.monte_carlo_error == pytest.approx(found.error.square().sum().sqrt().item() / 130)
    repeated = torch.stack(
        [
            weighed(model, Examples(torch.ones(40, 6), View("binary")), 20, seed=s).each
            for s in range(60)
        ]
    )
    stated = weighed(model, Examples(torch.ones(40, 6), View("binary")), 20)
    assert repeated.mean(1).std().item() == pytest.approx(stated.monte_carlo_error, rel=0.4)


def test_progress_counts_examples_to_the_end(model, examples):
    heard = []
    weighed(model, examples, 2, progress=heard.append)
    assert heard == sorted(heard) and heard[-1] == 130


def test_evaluate_reports_the_bound_and_the_likelihood_in_nats_and_bits(model, examples):
    numbers = evaluate(model, examples, Evaluation(importance=50, seed=2))
    expected = weighed(model, examples, 50, seed=2)
    assert numbers["elbo"] == bound(model, examples, seed=2).elbo
    assert numbers["elbo"] == pytest.approx(numbers["reconstruction"] - numbers["kl"], abs=1e-5)
    assert numbers["log_likelihood"] == pytest.approx(expected.each.mean().item())
    assert numbers["standard_error"] == expected.standard_error
    assert numbers["bits_per_dim"] == pytest.approx(-numbers["log_likelihood"] / (6 * math.log(2)))
    assert numbers["n_examples"] == 130 and numbers["n_importance"] == 50
    assert numbers["is_likelihood"] and numbers["binarization"] == "dynamic"
    json.dumps(numbers, allow_nan=False)


def test_without_importance_sampling_bits_are_those_of_the_bound(model, examples):
    numbers = evaluate(model, examples, Evaluation())
    assert numbers["log_likelihood"] is None
    assert numbers["bits_per_dim"] == pytest.approx(-numbers["elbo"] / (6 * math.log(2)))


def test_what_is_no_likelihood_is_never_printed_as_one(model, examples):
    numbers = evaluate(model, examples, Evaluation(no_likelihood="a cross-entropy", importance=50))
    missing = ("log_likelihood", "bits_per_dim", "standard_error", "n_importance", "ess_median")
    assert all(numbers[name] is None for name in missing)
    assert numbers["no_likelihood"] == "a cross-entropy" and not numbers["is_likelihood"]


@pytest.mark.parametrize(
    ("posterior", "prior"), [("dirac", "flat"), ("dirac", "standard-normal"), ("gaussian", "flat")]
)
def test_what_bounds_nothing_has_no_elbo(make, examples, posterior, prior):
    numbers = evaluate(
        make(posterior, prior), examples, Evaluation(no_likelihood="it bounds nothing")
    )
    assert numbers["elbo"] is None and numbers["kl"] is None
    assert ("log_pz" in numbers) is ((posterior, prior) == ("dirac", "standard-normal"))
    assert math.isfinite(numbers["reconstruction"])


def test_one_example_does_not_say_how_far_another_might_differ(model):
    found = weighed(model, Examples(torch.ones(1, 6), View("binary")), 5)
    assert math.isnan(found.standard_error)
    assert math.isfinite(found.monte_carlo_error)


@pytest.mark.parametrize(
    ("estimates", "best"),
    [
        ([(-3.0, True), (-9.0, True)], -3),
        ([(-3.0, True), (-3.2, False)], -3.2),
        ([(-9.0, True)], -9),
    ],
)
def test_bits_are_those_of_what_is_computed_or_else_of_the_highest_bound(estimates, best):
    each = [
        LogLikelihood(torch.full((2,), value), torch.zeros(2), draws=draws)
        for value, draws in estimates
    ]
    assert _best(each) == pytest.approx(best)


@pytest.mark.parametrize("lost", [math.nan, -math.inf])
def test_an_estimate_that_is_no_number_is_refused(model, examples, monkeypatch, lost):
    original = model.likelihood.forward

    def forward(z, c=None):
        p = original(z)
        if len(z) == 3 and z.shape[1] == 64:  # in the third batch of importance sampling alone
            p.base_dist.logits[:, 5] = lost
        return p

    monkeypatch.setattr(model.likelihood, "forward", forward)
    monkeypatch.setattr(importance, "_TOGETHER", 1)
    x = torch.ones(130, 6)
    with pytest.raises(RunError, match="no finite number for 2 of 130"):
        evaluate(model, Examples(x, View("binary")), Evaluation(importance=3))


def test_the_errors_of_what_does_not_draw_do_not_average_out():
    found = LogLikelihood(torch.zeros(100), torch.full((100,), 0.1), draws=False)
    assert found.monte_carlo_error == pytest.approx(0.1)
    assert found._replace(draws=True).monte_carlo_error == pytest.approx(0.01)


def test_the_summary_of_many_examples_is_that_of_their_effective_samples():
    """Past 2^24 numbers torch has no quantile."""
    effective = torch.linspace(0, 100, 2**24 + 1, dtype=torch.float64)
    zero = torch.zeros(()).expand(2**24 + 1)
    found = LogLikelihood(zero, effective.rsqrt(), effective).summary()
    assert found["ess_5"] == pytest.approx(5) and found["ess_median"] == pytest.approx(50)
    assert found["ess_low"] == pytest.approx(0.1)


def with_weights(*log_w):
    """Return the estimate from the log weights (K,) of each example."""
    weights = Weights()
    weights.add(torch.tensor(log_w, dtype=torch.float64).T)
    return LogLikelihood(*weights.evidence())


@pytest.mark.parametrize(
    ("samples", "equal", "low"),
    # Of K weights some are equal and the others 0: so many effective samples.
    [(16, 7, 0), (16, 6, 1), (100, 10, 0), (100, 9, 1), (5000, 10, 0), (5000, 9, 1), (3, 3, 0)],
)
def test_few_effective_samples_are_few_of_many_and_fewer_of_few(samples, equal, low):
    found = with_weights([0.0] * equal + [-math.inf] * (samples - equal)).summary()
    assert found["ess_median"] == pytest.approx(equal)
    assert found["ess_low"] == low


def test_where_no_sample_has_any_weight_there_are_few():
    assert with_weights([-math.inf] * 16).summary()["ess_low"] == 1


def test_the_bias_of_the_logarithm_is_that_of_repeated_estimates():
    """Log-normal weights, whose mean is known: exp(s^2 / 2)."""
    s, samples, repeats = 0.5, 16, 40_000
    torch.manual_seed(0)
    found = with_weights(*(s * torch.randn(repeats, samples).double() - s**2 / 2).tolist())
    missing = -found.mean
    assert missing == pytest.approx((math.exp(s**2) - 1) / (2 * samples), rel=0.1)
    # The spread of 16 weights misses some of their long tail.
    assert 0.75 * missing < found.jensen_bias < missing


def test_the_stated_error_has_both_parts_and_what_does_not_draw_has_no_bias():
    found = LogLikelihood(torch.zeros(4), torch.tensor([0.2, 0.4, 0.4, 0.8]))
    own, bias = 1.0**0.5 / 4, 1.0 / 8
    assert found.jensen_bias == pytest.approx(bias)
    assert found.stated_error == pytest.approx(math.hypot(own, bias))
    computed = found._replace(draws=False)
    assert computed.jensen_bias == 0 and computed.stated_error == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("gap", "agrees"),
    # Stated errors of 0.03 and 0.04 are one of 0.05: two of them are a tenth of a nat.
    [(0.099, True), (-0.099, True), (0.101, False), (-0.101, False), (math.nan, False)],
)
def test_estimates_agree_within_two_errors_of_both(gap, agrees):
    one, other = (
        LogLikelihood(torch.tensor([-5.0]).double(), torch.tensor([error]).double(), draws=False)
        for error in (0.03, 0.04)
    )
    moved = one._replace(each=one.each + gap)
    assert moved.agrees(other) is agrees and other.agrees(moved) is agrees


def test_what_has_no_error_agrees_with_nothing(model, examples):
    one = weighed(model, examples, 1)
    assert not one.agrees(one)


def test_a_ladder_may_fall_by_its_error_and_no_more():
    falls = torch.tensor([[0.0, 0.0, 0.0, 0.0], [-1.1, -0.9, -1.1, -0.9]])
    found = climb(falls)
    assert found.rise.tolist() == [pytest.approx(-1)]
    assert found.error.tolist() == [pytest.approx((0.04 / 3) ** 0.5 / 2)]
    assert not found.monotone and climb(-falls).monotone
    assert climb(torch.tensor([[0.0, 0.0], [-1.0, 0.9]])).monotone
    # One step down is enough, wherever it is.
    assert not climb(torch.tensor([[0.0, 0.0], [5.0, 5.0], [4.0, 4.0], [9.0, 9.0]])).monotone


def test_the_ladder_of_an_estimate_rises(model, examples):
    found = weighed(model, examples, 1000)
    assert climb(found.ladder).monotone and (climb(found.ladder).rise > 0).all()


def test_the_summary_of_one_sample_each_says_that_its_error_is_unknown(model, examples):
    found = weighed(model, examples, 1).summary()
    assert found["monte_carlo_error"] is None and found["standard_error"] > 0
    assert found["ess_low"] == 1 and found["ladder"] is None


def test_the_ceiling_is_that_of_the_draws_and_none_where_nothing_is_drawn(model, examples):
    numbers = evaluate(model, examples, Evaluation(importance=200))
    assert numbers["binarization_entropy"] == pytest.approx(examples.draw_entropy())
    assert numbers["log_likelihood"] < -numbers["binarization_entropy"]
    black = Examples(torch.ones(5, 6), View("binary"))
    assert evaluate(model, black, Evaluation())["binarization_entropy"] is None
