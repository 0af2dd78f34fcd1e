"""Scores over HTTP are the package's nats, whoever asks beside."""

import io
import json

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


def notes_of(client, x, path="/v1/score"):
    return client.post(path, json={"x": x.tolist()}).json()["notes"]


def test_a_negative_of_what_was_trained_on_is_told(inked_client, table, inked):
    assert not [note for note in notes_of(inked_client, inked[:20]) if "swapped" in note]
    x = np.concatenate([inked[:2], 255 - inked[:1]])
    (note,) = [note for note in notes_of(inked_client, x) if "swapped" in note]
    assert "rows 2 (counted from 0)" in note
    assert table.post("/v1/score", json={"x": [[1.0, 2, 3]]}).json()["notes"] == []


def test_greys_that_were_drawn_are_told_and_what_was_not_is_not(
    inked_client, serving, grey_run, inked
):
    """log p(x) of a grey x is of one draw, whose chance is in no `error`."""
    x = np.where(inked[:3] > 100, 255, 0).astype(np.uint8)
    assert notes_of(inked_client, x) == []
    x[1, 0, 0] = 7
    (note,) = notes_of(inked_client, x)
    assert "drawn black or white" in note and "rows 1 (counted from 0)" in note
    assert "`error`" in note and "seed" in note
    assert notes_of(inked_client, x, "/v1/encode") == []  # which draws nothing
    assert notes_of(serving(grey_run), x) == []  # a model of greys as they are


def test_another_draw_of_greys_is_further_away_than_the_error(inked_client, inked):
    x = np.stack([np.full((6, 6), 128), np.where(inked[1] > 100, 255, 0)])
    asked = [{"x": x.tolist(), "n_importance": 200, "seed": seed} for seed in range(8)]
    found = [inked_client.post("/v1/score", json=each).json() for each in asked]
    moved = np.std([each["log_likelihood"] for each in found], axis=0)
    error = np.mean([each["error"] for each in found], axis=0)
    assert moved[0] > 3 * error[0] and moved[1] < 3 * error[1]


def test_an_array_has_the_errors_and_the_notes(inked_client, inked):
    asked = {"x": inked[:3].tolist(), "n_importance": 20}
    told = inked_client.post("/v1/score", json=asked).json()
    said = inked_client.post("/v1/score", json=asked, headers={"accept": "application/x-npy"})
    found = np.load(io.BytesIO(said.content), allow_pickle=False)
    names = ("log_likelihood", "elbo", "reconstruction", "kl", "error", "effective_samples")
    np.testing.assert_allclose(found, np.array([told[name] for name in names]).T, rtol=1e-6)
    assert json.loads(said.headers["x-notes"]) == told["notes"] != []
