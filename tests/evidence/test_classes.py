"""log p(x) where the class is a latent: the sum over classes of any estimator's values."""

import pytest
import torch
from tests.labelled import CLASSES, LATENTS, built, evidence, given_class

from latentia import room
from latentia.errors import UsageError
from latentia.evaluation.likelihood import log_likelihood
from latentia.evidence._classes import SummedOverClasses
from latentia.evidence.base import Evidence
from latentia.view import Examples, View

ESTIMATORS = [
    {"name": "importance", "samples": 4000},
    {"name": "defensive", "samples": 4000},
    {"name": "annealed", "temperatures": 60, "chains": 32},
    {"name": "quadrature"},
]


@pytest.fixture(scope="module", params=["standard-normal", "conditional"])
def known(request):
    model, x, _ = built(prior=request.param)
    with torch.no_grad():  # importance sampling from a q that is too narrow knows no error
        model.posterior.head.bias[-LATENTS:] += 1.0
    return model, x[:6]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e["name"])
def test_every_estimator_comes_to_the_closed_form(known, estimator):
    model, x = known
    expected, _ = evidence(model, x)
    torch.manual_seed(0)
    found = SummedOverClasses(room.build("evidence", estimator))(model, x)
    assert (found.error < 0.3).all()
    assert ((found.log_likelihood - expected).abs() <= 6 * found.error + 2e-3).all(), found


def test_no_single_class_would_do(known):
    """Some examples lie between classes, or this test would tell nothing."""
    model, x = known
    log_p, share = evidence(model, x)
    best = torch.stack([given_class(model, x, y)[0] for y in range(CLASSES)]).amax(0)
    assert ((log_p - best).abs() > 0.3).any() and (share.exp().amax(1) < 0.9).any()


def test_the_ladder_rises_to_the_estimate_and_starts_below(known):
    model, x = known
    torch.manual_seed(0)
    estimator = room.build("evidence", {"name": "importance", "samples": 1000})
    found = SummedOverClasses(estimator)(model, x)
    assert (found.ladder.diff(dim=0) >= -1e-9).all()
    torch.testing.assert_close(found.ladder[-1], found.log_likelihood)
    expected, _ = evidence(model, x)
    assert (found.ladder[0] < expected).all()


class Fixed:
    """Says of the classes, one after the other, what it was told."""

    draws = True

    def __init__(self, *found):
        self.found = list(found)

    def __call__(self, model, x):
        return self.found.pop(0)


def one(value, error=0.0, effective=10.0):
    made = [torch.tensor([number], dtype=torch.float64) for number in (value, error, effective)]
    return Evidence(*made)


def test_errors_and_effective_samples_are_those_of_all_draws_together(known):
    model = known[0]
    log_p = model.labels.prior().logits
    weights = [torch.rand(50).double() * scale for scale in (1, 3, 0.1)]
    parts = [
        one(w.mean().log(), (w.square().mean() / w.mean() ** 2 - 1).sqrt() / 50**0.5)._replace(
            effective_samples=(w.sum() ** 2 / w.square().sum())[None]
        )
        for w in weights
    ]
    found = SummedOverClasses(Fixed(*parts))(model, torch.zeros(1, 5).double())
    pooled = torch.cat([w * p for w, p in zip(weights, log_p.exp(), strict=True)])
    torch.testing.assert_close(found.log_likelihood[0], (pooled.sum() / 50).log())
    torch.testing.assert_close(
        found.effective_samples[0], pooled.sum() ** 2 / pooled.square().sum()
    )
    variance = sum(
        (p * w.std(correction=0)) ** 2 / 50 for w, p in zip(weights, log_p.exp(), strict=True)
    )
    torch.testing.assert_close(found.error[0], variance.sqrt() / (pooled.sum() / 50))


def test_where_no_class_has_any_weight_there_is_no_effective_sample(known):
    parts = [one(-torch.inf, 0.0, 0.0)] * 3
    found = SummedOverClasses(Fixed(*parts))(known[0], torch.zeros(1, 5).double())
    assert found.log_likelihood.isneginf().all() and found.effective_samples.tolist() == [0.0]


def test_a_single_draw_knows_no_error(known):
    parts = [one(-3.0, torch.nan, 1.0), one(-4.0, torch.nan, 1.0), one(-9.0, torch.nan, 1.0)]
    assert SummedOverClasses(Fixed(*parts))(known[0], torch.zeros(1, 5)).error.isnan().all()


def test_an_estimate_of_examples_sums_where_no_class_is_given(known):
    model, x = known
    expected, _ = evidence(model, x)
    estimator = room.build("evidence", {"name": "quadrature"})
    found = log_likelihood(model.float(), Examples(x.float(), View("real")), estimator)
    torch.testing.assert_close(found.each, expected, rtol=0, atol=2e-2)
    under = Examples(x.float(), View("real"), c=model.labels.one(2))
    each = log_likelihood(model, under, estimator).each
    model.double()
    torch.testing.assert_close(each, given_class(model, x, 2)[0], rtol=0, atol=2e-2)


def test_what_an_estimator_refuses_under_a_class_it_refuses_without(known):
    model, x = known
    exact = room.build("evidence", "exact")
    with pytest.raises(UsageError, match=r"p\(x\|c\)"):
        log_likelihood(model, Examples(x, View("real")), exact)
