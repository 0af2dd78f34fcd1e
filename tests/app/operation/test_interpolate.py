"""The way between two examples over HTTP is `interpolate`."""

import io

import numpy as np
import pytest

from latentia.app.arrays import as_npy
from latentia.estimator._load import load


@pytest.mark.parametrize("method", ["linear", "spherical"])
def test_it_is_interpolate(inked_client, inked_run, inked, method):
    expected = load(inked_run, device="cpu").interpolate(*inked[:2], steps=5, method=method)
    asked = {"x": inked[:2].tolist(), "steps": 5, "method": method}
    found = inked_client.post("/v1/interpolate", json=asked).json()
    np.testing.assert_allclose(found["x"], expected, rtol=1e-5)
    headers = {"content-type": "application/x-npy", "accept": "application/x-npy"}
    said = inked_client.post(
        f"/v1/interpolate?steps=5&method={method}", content=as_npy(inked[:2]), headers=headers
    )
    found = np.load(io.BytesIO(said.content), allow_pickle=False)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_between_any_other_number_of_examples_there_is_no_way(inked_client, inked):
    for n in (1, 3):
        said = inked_client.post("/v1/interpolate", json={"x": inked[:n].tolist()})
        assert said.status_code == 422 and "2 rows" in said.json()["detail"]


def test_numbers_beyond_a_float_are_no_failure(table):
    """The latents of such an example have no length."""
    far = {"x": [[-1e37, 1e37, 3e38], [None, None, 1.0]], "method": "spherical"}
    assert table.post("/v1/interpolate", json=far).status_code in (200, 422)
