"""lt.SemiSupervisedVAE: p(x, y) of examples of which only some have a label."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, kl_divergence

import latentia as lt
from latentia.data import Data
from latentia.errors import DataError, RunError, UsageError
from latentia.estimator._path import path_between

QUICK = {"max_epochs": 2, "network": {"name": "mlp", "hidden": (16,)}, "device": "cpu"}


@pytest.fixture(scope="module")
def stripes():
    """Pictures with one of three rows inked, and which it is; only a few are labelled."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    x = np.zeros((240, 6, 6))
    for i, row in enumerate(y):
        x[i, 2 * row : 2 * row + 2] = 1
    x = np.where(rng.random(x.shape) < 0.1, 1 - x, x).astype(np.uint8)
    few = np.where(np.arange(240) < 30, y, -1)
    return x, y, few


@pytest.fixture(scope="module")
def model(stripes):
    x, _, few = stripes
    settings = {**QUICK, "max_epochs": 40, "learning_rate": 1e-2}
    return lt.SemiSupervisedVAE(2, random_state=0, **settings).fit(x, few)


def test_it_tells_classes_that_were_never_labelled(model, stripes):
    x, y, few = stripes
    assert model.classes_.tolist() == [0, 1, 2]
    p = model.predict_proba(x)
    assert p.shape == (240, 3) and np.allclose(p.sum(1), 1, atol=1e-5)
    found = model.predict(x)
    assert found.dtype == y.dtype and np.array_equal(found, p.argmax(1))
    assert model.accuracy(x, y) == (found == y).mean() > 0.95
    assert model.accuracy(x, few) == (found[:30] == y[:30]).mean()
    assert np.array_equal(model.predict(x[5:6]), found[5:6])


def test_log_p_of_x_is_the_sum_over_classes(model, stripes):
    x = stripes[0][:12]
    p = model.model_.labels.prior().logits.double().numpy()
    each = [model.given(k).evidence(x, method="quadrature").each.numpy() for k in range(3)]
    expected = np.logaddexp.reduce(np.stack(each) + p[:, None])
    found = model.evidence(x, method="quadrature")
    np.testing.assert_allclose(found.each, expected, rtol=1e-9)
    sampled = model.evidence(x, 2000)
    assert (abs(sampled.each - found.each) < 5 * sampled.error + 0.05).all()
    assert model.score(x) == model.score_samples(x).mean()
    every = stripes[0]
    assert model.elbo(every).elbo.mean() < model.score_samples(every, 100).mean() + 0.05
    assert model.given(0).elbo(x).kl_of_class is None


def test_the_parts_of_the_bound_are_nats_and_the_class_is_one(model, stripes):
    x = stripes[0]
    nats = model.elbo(x)
    np.testing.assert_allclose(nats.elbo, nats.reconstruction - nats.kl, rtol=1e-5, atol=1e-4)
    q = Categorical(probs=torch.as_tensor(model.predict_proba(x)))
    expected = kl_divergence(q, model.model_.labels.prior())
    np.testing.assert_allclose(nats.kl_of_class, expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(nats.kl, nats.kl_per_dim.sum(1) + nats.kl_of_class, rtol=1e-4)
    row = [row for row in model.history_ if row["split"] == "validation"][-1]
    assert 0.8 < row["kl_of_class"] < 1.3 and row["kl_of_class"] < row["kl"]
    assert row["kl"] == pytest.approx(sum(row["kl_per_dim"]) + row["kl_of_class"], rel=1e-5)


def test_what_is_drawn_is_of_the_class_given_or_of_all(model):
    for k in range(3):
        drawn = model.given(k).sample(40)
        inked = [drawn[:, 2 * row : 2 * row + 2].mean() for row in range(3)]
        assert np.argmax(inked) == k and max(inked) > 0.7
    drawn = model.sample(300, random_state=1)
    assert drawn.shape == (300, 6, 6)
    assert np.bincount(model.predict(drawn), minlength=3).min() > 50
    assert np.array_equal(drawn, model.sample(300, random_state=1))
    assert model.sample_mean(4).shape == (4, 6, 6)
    with pytest.raises(UsageError, match="At least one"):
        model.sample(0)
    with pytest.raises(UsageError, match="At least one"):
        model.sample("many")


def test_latents_are_those_under_the_predicted_class(model, stripes):
    x = stripes[0]
    under = model.given(model.predict(x))
    assert np.array_equal(model.transform(x), under.transform(x))
    assert np.array_equal(model.reconstruct(x), under.reconstruct(x))
    assert np.array_equal(model.posterior(x).mean, under.posterior(x).mean)
    assert np.array_equal(model.moments(x)[1], under.moments(x)[1])
    wrong = (model.predict(x) + 1) % 3
    assert not np.array_equal(model.reconstruct(x), model.given(wrong).reconstruct(x))
    with pytest.raises(UsageError, match="under which conditions"):
        model.inverse_transform(model.transform(x))


@pytest.mark.parametrize("method", ["linear", "spherical"])
def test_a_way_between_classes_is_under_that_of_the_nearer_end(model, stripes, method):
    x = stripes[0]
    y = model.predict(x)
    i, j = (int(np.flatnonzero(y == k)[0]) for k in (0, 2))
    way = model.interpolate(x[i], x[j], steps=5, method=method)
    ends = model.reconstruct(x[[i, j]])
    np.testing.assert_allclose(way[[0, -1]], ends, atol=1e-6)
    z = path_between(*model.transform(x[[i, j]]), 5, method)
    expected = model.given([0, 0, 0, 2, 2]).inverse_transform(z)
    np.testing.assert_allclose(way, expected, atol=1e-6)
    given = model.given(1)
    told = path_between(*given.transform(x[[i, j]]), 5, method)
    np.testing.assert_allclose(
        given.interpolate(x[i], x[j], steps=5, method=method), given.inverse_transform(told)
    )
    with pytest.raises(UsageError, match="no way"):
        model.interpolate(x[i], x[i][:3])


def test_saved_and_loaded_it_gives_the_same(model, stripes, tmp_path):
    x, y, _ = stripes
    again = lt.load(model.save(tmp_path / "run"))
    assert isinstance(again, lt.SemiSupervisedVAE) and again.alpha == model.alpha
    assert np.array_equal(again.predict_proba(x), model.predict_proba(x))
    assert np.array_equal(again.score_samples(x[:5], 10), model.score_samples(x[:5], 10))
    assert again.accuracy(x, y) == model.accuracy(x, y)
    refitted = again.set_params(max_epochs=1).fit(x, y)
    assert refitted.config_.labelling == {"alpha": model.alpha, "labels_first": 10.0}


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([0.0, np.nan, 1.0], [0, 1]),
        (["b", "", "a"], ["a", "b"]),
        (np.array(["b", None, "a"], dtype=object), ["a", "b"]),
        ([10, -1, 9], [9, 10]),
        (np.array([True, None, False], dtype=object), [False, True]),
        ([[3], [-1], [5]], [3, 5]),
        ({"kind": np.array(["u", None, "v"], dtype=object)}, ["u", "v"]),
    ],
)
def test_labels_come_as_scikit_learn_has_them(stripes, y, classes):
    x = stripes[0][:60]
    if isinstance(y, dict):
        repeated = {name: np.tile(values, 20) for name, values in y.items()}
    else:
        repeated = np.concatenate([np.asarray(y)] * 20)
    model = lt.SemiSupervisedVAE(2, **QUICK).fit(x, repeated)
    assert model.classes_.tolist() == classes
    assert set(model.predict(x).tolist()) <= set(classes)
    known = "54 training" in " ".join(model.config_.reasons)
    assert known and model.schema_.conditions[0].partly


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, "there are none"),
        (np.full(60, -1), "there is no class"),
        (np.tile([1, -1], 30), "there is 1 alone"),
        (np.linspace(0, 1, 60), "fractions"),
        ({"a": np.arange(60), "b": np.arange(60)}, "2 columns of labels"),
        (np.arange(60) % 3 - 1.5, "fractions"),
    ],
)
def test_what_is_no_label_is_said(stripes, y, said):
    with pytest.raises(UsageError, match=said):
        lt.SemiSupervisedVAE(2, **QUICK).fit(stripes[0][:60], y)


def test_a_condition_that_is_not_known_is_none(stripes):
    x, _, few = stripes
    model = lt.SemiSupervisedVAE(2, **QUICK).fit(x, few)
    with pytest.raises(UsageError, match="not known"):
        model.under(np.full((1, len(model.classes_)), np.nan, np.float32))


def test_labels_of_another_number_of_examples_are_refused(stripes):
    with pytest.raises(DataError, match="59 labels for 60"):
        lt.SemiSupervisedVAE(2, **QUICK).fit(stripes[0][:60], np.arange(59) % 2)


def test_all_labels_may_be_known(stripes):
    x, y, _ = stripes
    model = lt.SemiSupervisedVAE(2, random_state=0, **{**QUICK, "max_epochs": 20}).fit(x, y)
    assert model.accuracy(x, y) > 0.9 and np.isfinite(model.score(x))


CODES = {
    "variational": {"name": "vector-quantized", "choices": 4},
    "prior": {"name": "categorical", "choices": 4},
    "objective": "commitment",
    "n_components": 8,
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"variational": "dirac"}, "points have none"),
        ({"prior": "vamp"}, "pseudo-input"),
        ({"objective": "mmd"}, "mean over a batch"),
        ({"objective": {"name": "elbo", "free_bits": 0.1}}, "mean over a batch"),
        ({"network": "ladder", "n_components": "auto"}, "ladder takes no conditions"),
        (CODES, "codebook follows"),
        ({"alpha": -1.0}, "alpha"),
        ({"labels_first": -1.0}, "labels_first"),
    ],
)
def test_what_does_not_go_together_is_refused(stripes, arguments, said):
    x, _, few = stripes
    with pytest.raises(UsageError, match=said):
        lt.SemiSupervisedVAE(**{"n_components": 2, **QUICK, **arguments}).fit(x, few)


def test_more_classes_than_can_be_gone_through_are_refused():
    x = np.random.default_rng(0).normal(size=(240, 3))
    y = np.where(np.arange(240) < 202, np.arange(240) // 2, -1)
    with pytest.raises(UsageError, match="each of 101 classes"):
        lt.SemiSupervisedVAE(2, **QUICK).fit(x, y)


def test_a_conditional_model_says_what_to_use_where_labels_are_missing(stripes):
    x = stripes[0]
    y = np.where(np.arange(240) < 30, ["a", "b"] * 120, None)
    with pytest.raises(DataError, match="SemiSupervisedVAE"):
        lt.ConditionalVAE(2, **QUICK).fit(x, y)


def test_the_same_seed_is_the_same_model_and_p_of_y_that_of_the_labels(stripes):
    x, _, few = stripes
    one, other = (lt.SemiSupervisedVAE(2, random_state=3, **QUICK).fit(x, few) for _ in "ab")
    assert one.history_[-1]["elbo"] == other.history_[-1]["elbo"]
    for a, b in zip(one.model_.parameters(), other.model_.parameters(), strict=True):
        assert torch.equal(a, b)
    data = Data.from_array(x, [str(k) if k >= 0 else "" for k in few]).under("label")
    rows = data.split(validation=None)
    rows = np.concatenate([rows["train"], rows["test"]])
    counts = np.nansum(data.c[rows], axis=0) + 1
    np.testing.assert_allclose(one.model_.labels.prior().probs, counts / counts.sum(), rtol=1e-5)


@pytest.mark.parametrize("prior", ["conditional", "mixture", "flow"])
@pytest.mark.parametrize("objective", ["elbo", "iwae", "dreg", "score-function"])
def test_priors_and_objectives_of_p_of_x_given_c_go_with_it(stripes, prior, objective):
    x, _, few = stripes
    model = lt.SemiSupervisedVAE(2, prior=prior, objective=objective, **QUICK).fit(x, few)
    assert np.isfinite(model.score_samples(x[:5], 5)).all()
    assert np.isfinite(model.given(1).score_samples(x[:5], 5)).all()


def test_tables_with_missing_cells_and_noise_on_what_is_seen(stripes):
    random = np.random.default_rng(0)
    y = np.arange(120) % 2
    x = random.normal(size=(120, 4)) + 4 * y[:, None]
    x[random.random(x.shape) < 0.1] = np.nan
    few = np.where(np.arange(120) < 20, y, -1)
    settings = {**QUICK, "max_epochs": 60, "learning_rate": 1e-2}
    model = lt.SemiSupervisedVAE(2, corruption="gaussian", **settings).fit(x, few)
    assert model.accuracy(x, y) > 0.95 and np.isfinite(model.score(x))


def test_no_prior_is_fitted_to_latents_under_every_class(model, stripes):
    with pytest.raises(UsageError, match="latents under every class"):
        model.fit_prior(stripes[0], "mixture", epochs=1)


def test_grey_values_are_no_likelihood_here_either(stripes):
    x, _, few = stripes
    grey = (x * 200 + 20).astype(np.uint8)
    arguments = {"likelihood": "bernoulli", "binarize": "none", **QUICK}
    model = lt.SemiSupervisedVAE(2, **arguments).fit(grey, few)
    with pytest.raises(RunError, match="cross-entropy"):
        model.score(grey)
    assert np.isfinite(model.elbo(grey).elbo).all()
