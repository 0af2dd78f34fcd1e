"""Objectives of examples that are labelled in part: values, gradients, and what is refused."""

import pytest
import torch
from tests.labelled import CLASSES, built, data_of

from latentia import room
from latentia.errors import DataError, UsageError
from latentia.objective._labelled import Labelled, Labelling
from latentia.view import Examples, View

OBJECTIVES = ["elbo", {"name": "elbo", "beta": 3.0}, {"name": "iwae", "samples": 4}, "dreg"]


@pytest.fixture
def known():
    model, x, c = built()
    return model, x, c, Examples(x, View("real"), c=c)


@pytest.fixture(autouse=True)
def x_as_it_is(monkeypatch):
    """Let a view keep the float64 of these tests."""
    monkeypatch.setattr(View, "__call__", lambda self, stored: stored)


def made(train, objective="elbo", alpha=0.1, labels_first=2.0):
    how = Labelling(alpha, labels_first)
    return Labelled.of(room.build("objective", objective), train, how)


def nats(objective, model, x, c, *epoch):
    torch.manual_seed(0)
    with model.given(c):
        return objective(objective.terms(model, x), *epoch)


@pytest.mark.parametrize("name", OBJECTIVES, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_it_is_the_sum_over_classes_written_out(known, name, training):
    """Value and gradient are those of the formula, with the same noise, class by class."""
    model, x, c, train = known
    model.train(training)
    objective = made(train, name, alpha=0.7)
    found = nats(objective, model, x, c)
    slopes = torch.autograd.grad(found.mean(), model.parameters())

    inner = room.build("objective", name)
    q, p, some = model.labels(x), model.labels.prior(), ~c.isnan().any(1)
    y = c.nan_to_num().argmax(1)
    pairs = [(i, k) for i in range(24) for k in (y[i : i + 1] if some[i] else range(CLASSES))]
    at, k = (torch.tensor(column) for column in zip(*pairs, strict=True))
    torch.manual_seed(0)
    with model.given(torch.eye(CLASSES).double()[k]):
        under = inner(inner.terms(model, x[at]))
    each = []
    for i in range(24):
        if some[i]:
            each.append(under[at == i][0] + p.logits[y[i]])
        else:
            own = under[at == i] + p.logits - q.logits[i]
            each.append((q.probs[i] * own).sum())
    told = torch.stack([q.logits[i, y[i]] for i in range(24) if some[i]])
    expected = torch.stack(each).mean() + 0.7 * told.mean()
    torch.testing.assert_close(found.mean(), expected)
    wanted = torch.autograd.grad(expected, model.parameters())
    for slope, want in zip(slopes, wanted, strict=True):
        torch.testing.assert_close(slope, want)
        assert want.abs().max() > 0


def test_what_teaches_the_classifier_is_in_no_bound(known):
    model, x, c, train = known
    bounds = []
    for alpha in (0.0, 50.0):
        objective = made(train, alpha=alpha)
        torch.manual_seed(0)
        with model.given(c):
            terms = objective.terms(model, x)
        bounds.append((terms.elbo, terms.log_w, terms.reconstruction, terms.kl))
    for one, other in zip(*bounds, strict=True):
        assert torch.equal(one, other)


def test_at_first_labels_alone_teach_the_classifier(known):
    """The values are the same; the gradient of q(y|x) is that of log q(y|x) alone."""
    model, x, c, train = known
    model.train()
    objective = made(train, alpha=0.7)
    assert objective.settles == 2.0
    early, late = (nats(objective, model, x, c, epoch) for epoch in (1.9, 2.0))
    assert torch.equal(early, late)
    own, others = list(model.labels.parameters()), list(model.likelihood.parameters())
    first = torch.autograd.grad(early.mean(), [*own, *others])
    then = torch.autograd.grad(late.mean(), [*own, *others])
    told = model.labels(x[:5]).logits[range(5), c[:5].argmax(1)].mean()
    for slope, want in zip(first, torch.autograd.grad(0.7 * told, own), strict=False):
        torch.testing.assert_close(slope, want)
    for one, other in zip(first[len(own) :], then[len(own) :], strict=True):
        assert torch.equal(one, other)
    assert not any(map(torch.equal, first[: len(own)], then[: len(own)]))


def test_of_a_step_with_few_labels_all_are_heard(known):
    """The labels of a step are its own: a batch without any teaches the classifier too."""
    model, x, c, train = known
    objective = made(train, alpha=1.0)
    model.train()
    plain = nats(made(train, alpha=0.0), model, x[5:], c[5:])
    q = model.labels(x[:5]).logits[range(5), c[:5].argmax(1)]
    torch.testing.assert_close(nats(objective, model, x[5:], c[5:]), plain + q.mean())
    model.eval()
    torch.testing.assert_close(nats(objective, model, x[5:], c[5:]), plain)


def test_of_many_labels_a_step_draws_as_many_as_a_batch_has():
    data = data_of(known=range(20))
    model, x, c = built(data)
    objective = made(Examples(x, View("real"), c=c))
    model.train()
    with torch.no_grad():
        found = torch.stack([objective._taught(model, 4)[0] for _ in range(3000)])
        q = model.labels(x[:20]).logits[range(20), c[:20].argmax(1)]
    error = q.std(correction=0) / (4 * 3000) ** 0.5
    assert abs(found.mean() - q.mean()) < 5 * error
    assert found.std() == pytest.approx(float(q.std(correction=0) / 2), rel=0.1)


def test_under_no_class_it_is_the_bound_of_p_of_x(known):
    model, x, _, train = known
    objective = made(train, alpha=9.0)
    unknown = torch.full((24, CLASSES), torch.nan).double()
    bare = nats(objective, model, x, None)
    torch.testing.assert_close(bare, nats(objective, model, x, unknown))


def test_it_sees_a_noisy_copy_where_the_encoder_does(known):
    model, x, c, train = known
    objective = made(train, alpha=1.0)
    found = []
    for given in (None, x + 1):
        torch.manual_seed(0)
        with model.given(c):
            found.append(objective(objective.terms(model, x, given=given)))
    assert (found[0] != found[1]).all()


def test_alpha_is_no_less_than_nothing(known):
    with pytest.raises(UsageError, match="alpha"):
        made(known[3], alpha=-1.0)
    with pytest.raises(UsageError, match="alpha"):
        made(known[3], alpha=float("nan"))
    with pytest.raises(UsageError, match="labels-first"):
        made(known[3], labels_first=-1.0)


def test_without_a_label_there_is_nothing_to_learn_from(known):
    _, x, c, _ = known
    with pytest.raises(DataError, match="No example of the training part"):
        made(Examples(x, View("real"), torch.arange(5, 24), c=c))


@pytest.mark.parametrize(
    "objective",
    ["capacity", "total-correlation", "mmd", {"name": "elbo", "free_bits": 0.1}],
    ids=str,
)
def test_what_looks_at_a_batch_as_a_whole_is_refused(known, objective):
    model, _, _, train = known
    with pytest.raises(UsageError, match="mean over a batch"):
        made(train, objective).require(model)


def test_a_sigma_of_the_batch_is_refused(known):
    _, _, _, train = known
    model, _, _ = built(likelihood={"name": "gaussian", "sigma": "optimal"})
    with pytest.raises(UsageError, match="optimal sigma") as error:
        made(train).require(model)
    assert "learned" in str(error.value)


def test_how_many_labels_there_are_is_told(known):
    assert made(known[3]).reason.startswith("5 of 24 training examples have one")
