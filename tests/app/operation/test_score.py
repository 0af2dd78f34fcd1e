"""Scores over HTTP are the package's nats, whoever asks beside."""

import numpy as np
import torch

from latentia.app.operation.base import one_dimensional
from latentia.app.operation.score import Score, ScoreOptions
from latentia.estimator._load import load


def test_they_are_score_samples_and_the_elbo(table, table_run):
    x = np.random.default_rng(0).normal([10, 20, -1], [4, 8, 0.1], (5, 3))
    model = load(table_run, device="cpu")
    asked = {"x": x.tolist(), "n_importance": 30, "seed": 3}
    found = table.post("/v1/score", json=asked).json()
    expected = model.score_samples(x, 30, random_state=3)
    np.testing.assert_array_equal(found["log_likelihood"], expected)
    nats = model.elbo(x, random_state=3)
    for name in ("elbo", "reconstruction", "kl"):
        np.testing.assert_allclose(found[name], getattr(nats, name), rtol=1e-6)
    assert found["n_importance"] == 30 and found["is_likelihood"] is True
    assert all(1 <= ess <= 30 for ess in found["effective_samples"])
    assert all(error > 0 for error in found["error"])


def test_what_is_no_likelihood_says_why(serving, grey_run, inked):
    found = serving(grey_run).post("/v1/score", json={"x": inked[:2].tolist()}).json()
    assert found["is_likelihood"] is False and "Bernoulli" in found["no_likelihood"]
    assert found["log_likelihood"] is None and found["n_importance"] is None
    assert len(found["elbo"]) == 2


def test_probability_0_is_told_where_json_has_no_word(table_run):
    found = {
        name: np.array([-1.0, -np.inf]) for name in ("log_likelihood", "elbo", "reconstruction")
    }
    model = load(table_run, device="cpu")
    told = Score().told({**found, "kl": np.ones(2)}, ScoreOptions(), model)
    assert "rows 1 (counted from 0)" in told["notes"][0]


def test_an_array_has_a_column_for_each():
    nan = one_dimensional(None, np.ones(2), n=2)
    assert np.isnan(nan[:, 0]).all() and (nan[:, 1] == 1).all()


def test_nobody_elses_seed_is_touched(table):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    table.post("/v1/score", json={"x": [[1.0, 2, 3]]})
    assert torch.equal(torch.rand(3), expected)


def test_a_negative_of_what_was_trained_on_is_told(inked_client, table, inked):
    assert inked_client.post("/v1/score", json={"x": inked[:20].tolist()}).json()["notes"] == []
    x = np.concatenate([inked[:2], 255 - inked[:1]])
    found = inked_client.post("/v1/score", json={"x": x.tolist()}).json()
    (note,) = found["notes"]
    assert "swapped" in note and "rows 2 (counted from 0)" in note
    assert table.post("/v1/score", json={"x": [[1.0, 2, 3]]}).json()["notes"] == []
