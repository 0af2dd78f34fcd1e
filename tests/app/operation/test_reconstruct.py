"""Reconstructing over HTTP is `reconstruct`."""

import numpy as np

from latentia.app.operation.base import Options
from latentia.app.operation.reconstruct import Reconstruct
from latentia.estimator._load import load


def test_it_is_reconstruct(inked_run, inked):
    model = load(inked_run, device="cpu")
    found = Reconstruct().run(model, inked[:4], Options(), lambda: True)
    np.testing.assert_array_equal(found["x"], model.reconstruct(inked[:4]))
    assert "columns" not in Reconstruct().told(found, Options(), model)
