"""The sum over classes, held against a model whose log p(x) and p(y, z|x) are known."""

import pytest
import torch
from tests.labelled import CLASSES, LATENTS, built, evidence, given_class
from torch import nn
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from latentia.evaluation.bound import per_example
from latentia.marginal import over_classes, spread
from latentia.view import Examples, View


@pytest.fixture(params=["standard-normal", "conditional"])
def known(request):
    return built(prior=request.param)


def rows_of(model, x, c=None):
    with torch.no_grad():
        return spread(model, x, c)


def test_unknown_classes_are_all_there_are_and_known_ones_one(known):
    model, x, c = known
    rows = rows_of(model, x, c)
    assert rows.n == len(x) == 24
    counts = torch.bincount(rows.example)
    assert counts[:5].tolist() == [1] * 5 and counts[5:].tolist() == [CLASSES] * 19
    assert torch.equal(rows.c[:5], c[:5]) and (rows.log_q[:5] == 0).all()
    torch.testing.assert_close(
        rows.mean(torch.ones(len(rows.c)).double()), torch.ones(24).double()
    )
    torch.testing.assert_close(rows.log_q[5:].exp().reshape(19, -1), model.labels(x[5:]).probs)
    assert len(rows_of(model, x).c) == 24 * CLASSES


def test_a_class_that_weighs_nothing_counts_nothing(known):
    model, x, _ = known
    rows = rows_of(model, x)._replace(log_q=torch.tensor([0.0, -1e9, -1e9]).double().repeat(24))
    each = torch.full((24 * CLASSES,), 2.0).double()
    each[1::3] = -torch.inf
    assert (rows.mean(each) == 2).all()


def exact(model, x, wrong=0.0):
    """Give the model p(z|x, y), or one of other means, and p(y|x), of these examples alone."""
    means = torch.stack([given_class(model, x, y)[1] for y in range(CLASSES)], 1) + wrong
    covariance = torch.stack([given_class(model, x, y)[2] for y in range(CLASSES)])

    class Known(nn.Module):
        standardize, has_density, space = model.posterior.standardize, True, "real"

        def forward(self, seen, c=None):
            c = model.likelihood.c if c is None else c
            at = (seen[:, None] == x).all(-1).double().argmax(1)
            y = c.argmax(1)
            return MultivariateNormal(means[at, y], covariance[y])

    model.posterior = Known()
    return means, covariance


def test_with_the_exact_posteriors_the_bound_is_log_p_of_x(known):
    """The identity holds for every single draw, whatever it is."""
    model, x, _ = known
    log_p, log_py_x = evidence(model, x)
    exact(model, x)
    model.labels.forward = lambda seen: torch.distributions.Categorical(logits=log_py_x)
    torch.manual_seed(0)
    terms, _ = over_classes(model, x, x, 1)
    drawn = terms.reconstruction + (terms.log_pz - terms.log_qz_x)[0]
    torch.testing.assert_close(drawn, log_p, rtol=0, atol=1e-9)


def test_the_gap_is_the_divergence_from_the_exact_posterior(known):
    """log p(x) - ELBO = KL(q(y|x) || p(y|x)) + sum_y q(y|x) KL(q(z|x,y) || p(z|x,y))."""
    model, x, _ = known
    x = x[:6]
    log_p, log_py_x = evidence(model, x)
    q = model.labels(x)
    gap = (q.probs * (q.logits - log_py_x)).sum(1)
    for y in range(CLASSES):
        with model.given(model.labels.one(y)):
            qz = model.posterior(x).base_dist
        _, mean, covariance = given_class(model, x, y)
        mine = MultivariateNormal(qz.mean, torch.diag_embed(qz.variance))
        gap = gap + q.probs[:, y] * kl_divergence(mine, MultivariateNormal(mean, covariance))
    torch.manual_seed(0)
    terms, _ = over_classes(model, x, x, 40_000)
    elbo = terms.elbo.detach()
    assert (elbo < log_p).all()
    # The reconstruction alone is drawn: of hundreds of nats some hundredths.
    torch.testing.assert_close(elbo, (log_p - gap).detach(), rtol=0, atol=0.15)
    assert (gap > 0.3).all()


def test_the_parts_add_up_and_the_class_has_its_own(known):
    model, x, _ = known
    torch.manual_seed(0)
    terms, mean = over_classes(model, x, x, 3)
    q, p = model.labels(x), model.labels.prior()
    torch.testing.assert_close(terms.kl_of_class, kl_divergence(q, p), rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(terms.kl, terms.kl_per_dim.sum(1) + terms.kl_of_class)
    each = torch.stack(
        [model.posterior(x, model.labels.one(y).expand(24, -1)).mean for y in range(CLASSES)], 1
    )
    torch.testing.assert_close(mean, (q.probs[..., None] * each).sum(1).detach())
    assert terms.rows is None and terms.under is None


def test_of_a_known_class_the_bound_is_on_the_joint(known):
    model, x, c = known
    rows = rows_of(model, x[:5], c[:5])
    nats = torch.arange(5.0).double()
    classes = c[:5].argmax(1)
    torch.testing.assert_close(rows.bound(nats), nats + model.labels.prior().logits[classes])


def test_parts_of_many_classes_are_taken_one_after_the_other(known, monkeypatch):
    model, x, _ = known
    whole = over_classes(model, x, x, 1)[0]
    monkeypatch.setattr("latentia.marginal._TOGETHER", 7)
    parts = over_classes(model, x, x, 1)[0]
    assert parts.log_px_z.shape == (1, 24) and parts.kl_per_dim.shape == (24, LATENTS)
    torch.testing.assert_close(parts.kl, whole.kl)


def test_the_reported_bound_is_that_of_p_of_x_and_given_a_class_of_p_of_x_given_it(known):
    model, x, _ = known
    model, x = model.float(), x.float()
    examples = Examples(x, View("real"))
    opened = per_example(model, examples)
    q = model.labels(x)
    torch.testing.assert_close(opened.kl_of_class, kl_divergence(q, model.labels.prior()).detach())
    torch.testing.assert_close(opened.elbo, opened.reconstruction - opened.kl)
    under = per_example(model, Examples(x, View("real"), c=model.labels.one(1)))
    assert under.kl_of_class is None
    with model.given(model.labels.one(1)):
        kl = model(x).kl
    torch.testing.assert_close(under.kl, kl.detach())
    assert isinstance(model.posterior(x, model.labels.one(0)), Independent)
    assert isinstance(model.posterior(x, model.labels.one(0)).base_dist, Normal)
