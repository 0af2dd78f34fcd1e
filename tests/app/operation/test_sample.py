"""Sampling over HTTP is `sample`, bitwise, by its seed."""

import numpy as np
import pytest

from latentia.estimator._load import load


@pytest.mark.parametrize("values", ["draw", "mean"])
def test_a_seed_is_a_sample(inked_client, inked_run, values):
    model = load(inked_run, device="cpu")
    asked = {"n": 3, "seed": 7, "values": values, "temperature": 0.5}
    found = inked_client.post("/v1/sample", json=asked).json()
    draw = model.sample if values == "draw" else model.sample_mean
    expected = draw(3, temperature=0.5, random_state=7)
    np.testing.assert_array_equal(np.array(found["x"], np.float32), expected)
    assert {name: found[name] for name in asked} == asked
    assert inked_client.post("/v1/sample", json=asked).json() == found
    assert inked_client.post("/v1/sample", json={**asked, "seed": 8}).json()["x"] != found["x"]


def test_without_a_word_it_is_one_of_seed_0(inked_client):
    found = inked_client.post("/v1/sample").json()
    assert (found["n"], found["seed"], found["values"]) == (1, 0, "draw")
    assert inked_client.post("/v1/sample?n=1&seed=0").json() == found


def test_under_a_condition_for_each(serving, told_run):
    client, model = serving(told_run), load(told_run, device="cpu")
    asked = {"n": 2, "condition": ["none", "stroke"], "values": "mean"}
    found = client.post("/v1/sample", json=asked).json()["x"]
    expected = model.given(["none", "stroke"]).sample_mean(2)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
