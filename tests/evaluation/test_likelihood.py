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
    evaluate,
    log_likelihood,
)
from latentia.evidence import importance
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
    found = LogLikelihood(zero, zero, effective).summary()
    assert found["ess_5"] == pytest.approx(5) and found["ess_median"] == pytest.approx(50)
    assert found["ess_low"] == pytest.approx(0.1)


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
