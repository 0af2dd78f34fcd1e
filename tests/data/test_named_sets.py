"""The contract of every named set that is on this machine."""

import numpy as np
import pytest

from latentia import data
from latentia.data import Schema
from latentia.errors import DataError


@pytest.fixture(scope="module", params=data.names())
def name(request):
    if data.where(request.param) is None:
        pytest.skip(f"{request.param} is not on this machine (LATENTIA_DATA names its folder)")
    return request.param


@pytest.fixture(scope="module")
def loaded(name):
    return data.load(name)


def test_arrays_are_as_promised(loaded, name):
    x, y, schema = loaded.x, loaded.y, loaded.schema
    assert schema.name == name
    assert x.dtype in (np.uint8, np.float32) and x.flags.c_contiguous
    assert x.shape[1:] == schema.shape
    assert y.dtype == np.int64 and y.shape == (len(x),)
    assert set(np.unique(y)) == set(range(len(schema.labels)))
    assert x.flags.writeable and y.flags.writeable  # torch.from_numpy warns otherwise


def test_the_schema_tells_the_truth(loaded):
    schema, x = loaded.schema, loaded.x
    assert (schema.low, schema.high) == (x.min(), x.max())
    assert schema.high == {"bytes": 255, "unit": 1, "binary": 1}[schema.kind]
    assert 0 <= schema.contrast <= 1 and schema.missing == 0
    assert Schema.from_dict(schema.to_dict()) == schema
    np.testing.assert_array_equal(schema.from_model(loaded.model_array()), x)


def test_the_default_division_is_usable(loaded):
    parts = loaded.split()
    assert sum(map(len, parts.values())) == len(loaded.x)
    for rows in parts.values():
        assert set(np.unique(loaded.y[rows])) == set(range(len(loaded.schema.labels)))


def test_loading_twice_gives_the_same(loaded, name):
    X, y = data.load(name, return_X_y=True)
    np.testing.assert_array_equal(X, loaded.x)
    np.testing.assert_array_equal(y, loaded.y)


def test_official_parts_are_the_ends_of_the_whole(loaded, name):
    n = loaded.n_official_test
    if not n:
        with pytest.raises(DataError, match="no official test set"):
            data.load(name, split="test")
        return
    test, train = data.load(name, split="test"), data.load(name, split="train")
    np.testing.assert_array_equal(test.x, loaded.x[-n:])
    np.testing.assert_array_equal(train.y, loaded.y[:-n])
    assert (len(train.x), test.n_official_test) == (len(loaded.x) - n, 0)


@pytest.mark.parametrize(
    ("name", "n", "n_test", "shape", "fingerprint"),
    [
        ("mnist5k", 5000, 0, (28, 28), "43761c09bcc3a5c0"),
        ("digits", 1797, 0, (8, 8), "8b3b6ae90863430b"),
        ("sprites", 24_576, 0, (32, 32), "9d24140dc1568988"),
        ("mnist", 70_000, 10_000, (28, 28), "b3fe36794a3a345d"),
        ("fashion-mnist", 70_000, 10_000, (28, 28), "7597949003262"),
    ],
)
def test_the_content_is_the_known_one(name, n, n_test, shape, fingerprint):
    if data.where(name) is None:
        pytest.skip(f"{name} is not on this machine")
    d = data.load(name)
    assert (len(d.x), d.n_official_test, d.schema.shape) == (n, n_test, shape)
    assert d.fingerprint.startswith(fingerprint)


def test_mnist5k_is_balanced_and_mixed():
    y = data.load("mnist5k").y
    assert np.bincount(y).tolist() == [500] * 10
    assert len(set(y[:50].tolist())) == 10


def test_ink_and_clothes_differ_in_contrast():
    assert data.load("mnist5k").schema.contrast < 0.1
    if data.where("fashion-mnist"):
        assert data.load("fashion-mnist").schema.contrast > 0.25
