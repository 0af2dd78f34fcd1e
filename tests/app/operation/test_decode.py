"""Decoding over HTTP is `inverse_transform`, and tables keep the names of their columns."""

import numpy as np

from latentia.app.operation.base import Options
from latentia.app.operation.decode import Decode
from latentia.estimator._load import load


def test_it_is_inverse_transform(table_run):
    model = load(table_run, device="cpu")
    z = np.linspace(-1, 1, 4 * model.latent_dim_).reshape(4, -1).astype(np.float32)
    found = Decode().run(model, z, Options(), lambda: True)
    np.testing.assert_array_equal(found["x"], model.inverse_transform(z))
    told = Decode().told(found, Options(), model)
    assert told["columns"] == ["height", "weight", "depth"] and told["n"] == 4


def test_over_http(table, table_run):
    model = load(table_run, device="cpu")
    z = np.zeros((2, model.latent_dim_)).tolist()
    found = table.post("/v1/decode", json={"z": z}).json()
    np.testing.assert_allclose(found["x"], model.inverse_transform(np.array(z)), rtol=1e-6)
    said = table.post("/v1/decode", json={"z": [[0.0] * 99]})
    assert said.status_code == 422 and "/v1/encode" in said.json()["how"]
