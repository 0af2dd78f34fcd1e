"""Small pictures of examples."""

from types import SimpleNamespace

import numpy as np

from latentia.explorer.small import size_of, small


def schema(shape, kind="bytes", layout="hw", low=0.0, high=255.0):
    return SimpleNamespace(
        model_shape=shape, is_image=len(shape) == 3, kind=kind, layout=layout, low=low, high=high
    )


def test_large_pictures_become_small_ones_and_small_ones_stay():
    assert size_of(schema((1, 28, 28))) == (28, 28)
    assert size_of(schema((3, 100, 65))) == (50, 33)
    assert size_of(schema((2, 28, 28))) is None
    assert size_of(schema((12,))) is None


def test_a_small_picture_is_the_mean_of_squares():
    x = np.zeros((1, 4, 4), np.uint8)
    x[0, :2, :2] = 200
    found = small(x, schema((1, 4, 4)), 2, 2)
    assert found.dtype == np.uint8
    assert found.tolist() == [[[200, 0], [0, 0]]]


def test_channels_come_last_and_real_values_have_their_span():
    x = np.zeros((1, 3, 2, 2), np.float32)
    x[0, 1] = 5.0
    found = small(x, schema((3, 2, 2), "real", "chw", 0.0, 10.0), 2, 2)
    assert found.shape == (1, 2, 2, 3)
    assert found[0, 0, 0].tolist() == [0, 128, 0]
