"""log p(x) where the class is a latent: the sum over classes of any estimator's values."""

import pytest
import torch
from tests.labelled import CLASSES, LATENTS, built, evidence, given_class
from torch.distributions import Categorical, MultivariateNormal

from latentia import room
from latentia.errors import UsageError
from latentia.evaluation.likelihood import log_likelihood
from latentia.evidence._classes import SummedOverClasses
from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional
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


STARTS = pytest.mark.parametrize("start", ["prior", "posterior"])


@STARTS
def test_both_sides_of_a_sandwich_are_unbiased_for_p_of_x_and_its_inverse(known, start):
    """Of one x, whose class and latents are drawn from p(y, z|x): the sum is over every class."""
    model, x = known
    # One that may be of two classes, or the class drawn would say nothing of the others.
    log_p, share = evidence(model, x)
    i = int(share.exp().amax(1).argmin())
    assert share[i].exp().amax() < 0.95
    n = 2000
    torch.manual_seed(0)
    y = Categorical(logits=share[i]).sample((n,))
    posteriors = [given_class(model, x[i : i + 1], k)[1:] for k in range(CLASSES)]
    drawn = [MultivariateNormal(mean[0], cov).sample((n,)) for mean, cov in posteriors]
    z = torch.stack(drawn)[y, torch.arange(n)]
    estimator = AnnealedImportanceSampling(temperatures=8, chains=1, leaps=3, start=start)
    found = estimator.sandwich_over_classes(model, x[i : i + 1].expand(n, -1), z, y)
    for ratio in ((found.lower - log_p[i]).exp(), (log_p[i] - found.upper).exp()):
        assert (ratio.mean() - 1).abs() < 5 * ratio.std() / n**0.5
        assert 0.02 < ratio.std() < 4


def test_a_sandwich_of_drawn_classes_holds_the_entropy_and_closes(known):
    """E[log p(x)] of the model's own data, by many draws whose log p(x) is known."""
    model, _ = known
    torch.manual_seed(1)
    y = model.labels.prior().sample((4000,))
    with torch.no_grad(), model.given(torch.nn.functional.one_hot(y, CLASSES).double()):
        x = model.likelihood(model.draw_prior(4000)).sample()
    exact = evidence(model, x)[0]
    estimator = AnnealedImportanceSampling(temperatures=40, chains=4, leaps=4)
    one, same = (bidirectional(model, estimator, 200, seed=1) for _ in range(2))
    assert torch.equal(one.lower, same.lower) and torch.equal(one.upper, same.upper)
    assert 0 < one.gap.mean() < 0.3
    error = 4 * (one.lower.std() / 200**0.5 + exact.std() / 4000**0.5)
    assert one.lower.mean() - error < exact.mean() < one.upper.mean() + error
    with model.given(model.labels.one(1)):
        assert not torch.equal(bidirectional(model, estimator, 200, seed=1).lower, one.lower)


@pytest.mark.parametrize("estimator", ["naive", "annealed", "defensive"])
def test_examples_under_one_class_share_no_draws(known, estimator):
    """Or the errors of a mean over examples would not average out."""
    model, x = known
    options = {"temperatures": 3, "chains": 2} if estimator == "annealed" else {"samples": 20}
    torch.manual_seed(0)
    with model.given(model.labels.one(1)):
        found = room.build("evidence", {"name": estimator, **options})(model, x[:1].expand(9, -1))
    assert len(found.log_likelihood.unique()) == 9


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
