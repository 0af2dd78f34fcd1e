"""A model whose class is a latent is served as what it is: with a class, and without."""

import jsonschema_rs
import numpy as np
import pytest
import torch

import latentia as lt
from latentia.app.operation.base import Options
from latentia.app.operation.encode import Encode
from latentia.app.worker import Job


@pytest.fixture(scope="module")
def run(inked, tmp_path_factory):
    y = np.where(np.arange(len(inked)) < 30, np.arange(len(inked)) % 2, -1)
    options = {"network": {"hidden": (8,)}, "max_epochs": 1, "random_state": 0}
    model = lt.SemiSupervisedVAE(2, **options).fit(inked, y)
    return model.save(tmp_path_factory.mktemp("served") / "classes")


def test_nothing_need_be_said_of_the_class(serving, run, inked):
    client, model = serving(run), lt.load(run, device="cpu")
    x = inked[:5].tolist()
    found = client.post("/v1/score", json={"x": x, "n_importance": 20}).json()
    assert found["elbo"] == pytest.approx(model.elbo(inked[:5]).elbo.tolist(), rel=1e-4)
    encoded = client.post("/v1/encode", json={"x": x}).json()
    assert np.allclose(encoded["mean"], model.transform(inked[:5]), atol=1e-5)
    assert client.post("/v1/sample", json={"n": 3}).status_code == 200
    said = client.post("/v1/decode", json={"z": [[0.0, 0.0]]})
    assert said.status_code == 422 and "conditions" in said.json()["detail"] + said.text


def test_a_way_is_under_the_most_probable_class_of_each_end(serving, run, inked):
    client, model = serving(run), lt.load(run, device="cpu")
    ends = inked[:2]
    found = client.post("/v1/interpolate", json={"x": ends.tolist(), "steps": 4}).json()
    assert found["classes"] == model.predict(ends).astype(str).tolist()
    assert np.allclose(found["x"], model.interpolate(*ends, steps=4), atol=1e-5)
    body = {"x": ends.tolist(), "steps": 4, "condition": 1}
    given = client.post("/v1/interpolate", json=body).json()
    assert "classes" not in given
    path = client.get("/openapi.json").json()["paths"]["/v1/interpolate"]["post"]
    schema = path["responses"]["200"]["content"]["application/json"]["schema"]
    for answer in (found, given):
        jsonschema_rs.validate(schema, answer)
    assert "classes" in schema["properties"]
    assert np.allclose(given["x"], model.given(1).interpolate(*ends, steps=4), atol=1e-5)


def test_and_a_class_may_be_given(serving, run, inked):
    client, model = serving(run), lt.load(run, device="cpu").given(1)
    body = {"x": inked[:5].tolist(), "condition": 1}
    found = client.post("/v1/encode", json=body).json()
    assert np.allclose(found["mean"], model.transform(inked[:5]), atol=1e-5)


def test_who_says_a_class_is_not_worked_on_with_who_says_none():
    """One pass has a condition in every row, or in none."""
    x, encode = np.zeros((1, 6, 6)), Encode()
    told, silent = (Job(encode, x, c, Options(), 0.0, 1) for c in (torch.ones(1, 2), None))
    assert told.goes_with(told) and silent.goes_with(silent)
    assert not told.goes_with(silent) and not silent.goes_with(told)
