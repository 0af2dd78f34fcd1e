import numpy as np
import pytest

from latentia.data import Data
from latentia.errors import UsageError


def data(n, official=0):
    made = Data.from_array(np.random.default_rng(0).normal(size=(n, 3)))
    return Data(made.x, made.y, made.schema, n_official_test=official)


@pytest.mark.parametrize(
    ("n", "official", "options", "sizes"),
    [
        (5000, 0, {}, (4000, 500, 500)),
        (70_000, 10_000, {}, (55_000, 5000, 10_000)),
        (60_000, 0, {}, (49_000, 5000, 6000)),
        (54_000, 0, {}, (43_200, 5400, 5400)),
        (1000, 200, {}, (720, 80, 200)),
        (1000, 200, {"test": 50}, (720, 80, 50)),
        (10, 0, {}, (8, 1, 1)),
        (1000, 0, {"validation": 7, "test": 0.25}, (743, 7, 250)),
        (100, 0, {"validation": 0.0001}, (89, 1, 10)),
    ],
)
def test_sizes_of_the_parts(n, official, options, sizes):
    parts = data(n, official).split(**options)
    assert tuple(len(parts[p]) for p in ("train", "validation", "test")) == sizes


@pytest.mark.parametrize("official", [0, 40])
def test_parts_never_overlap_and_cover_everything(official):
    parts = data(200, official).split()
    rows = np.concatenate(list(parts.values()))
    assert sorted(rows) == list(range(200))
    assert all(part.dtype == np.int64 for part in parts.values())


def test_the_official_test_set_is_kept_in_order():
    np.testing.assert_array_equal(data(200, 40).split()["test"], np.arange(160, 200))


def test_the_division_is_shuffled_and_depends_on_its_own_seed_only():
    np.random.seed(1)  # noqa: NPY002  (the point: global state must not matter)
    first = data(300).split()
    np.random.seed(2)  # noqa: NPY002
    again, other = data(300).split(), data(300).split(seed=1)
    assert not np.array_equal(np.sort(first["test"]), first["test"])
    for part in first:
        np.testing.assert_array_equal(first[part], again[part])
        assert not np.array_equal(first[part], other[part])


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"validation": 20}, "none to train on"),
        ({"validation": 0.5, "test": 0.5}, "none to train on"),
        ({"test": 21}, "cannot have 21 rows"),
        ({"test": 0}, "0 is no size"),
        ({"validation": -0.1}, "-0.1 is no size"),
        ({"validation": 2.5}, "2.5 is no size"),
    ],
)
def test_impossible_parts_are_refused(options, what, refused):
    with refused(what, "--", "", UsageError):
        data(20).split(**options)


def test_the_model_array_keeps_type_and_values():
    x = np.random.default_rng(0).integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)
    d = Data.from_array(x)
    assert d.model_array().shape == (12, 3, 6, 5)
    assert d.model_array().dtype == np.uint8
    np.testing.assert_array_equal(d.model_array()[:, 1], x[..., 1])
    assert len(d) == 12


def test_the_fingerprint_is_of_the_content():
    x = np.random.default_rng(0).normal(size=(20, 3))
    y = np.arange(20) % 2
    same, named = Data.from_array(x, y), Data.from_array(x.copy(), y, name="other")
    assert len(same.fingerprint) == 16 and len(same.schema.sha256) == 64
    assert same.fingerprint == named.fingerprint
    assert same.fingerprint != Data.from_array(x).fingerprint
    assert same.fingerprint != Data.from_array(x, 1 - y).fingerprint
    x[3, 1] += 1
    assert same.fingerprint != Data.from_array(x, y).fingerprint
