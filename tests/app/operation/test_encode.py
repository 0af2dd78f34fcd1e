"""Encoding over HTTP is `moments`."""

import numpy as np

from latentia.app.operation.base import Options
from latentia.app.operation.encode import Encode
from latentia.estimator._load import load


def test_it_is_moments(inked_run, inked):
    model = load(inked_run, device="cpu")
    found = Encode().run(model, inked[:4], Options(), lambda: True)
    mean, deviation = model.moments(inked[:4])
    np.testing.assert_array_equal(found["mean"], mean)
    np.testing.assert_array_equal(found["deviation"], deviation)
    assert Encode().array(found).shape == (2, *mean.shape)
    assert Encode().told(found, Options(), model)["latents"] == mean.shape[1]
