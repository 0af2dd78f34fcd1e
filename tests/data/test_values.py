import numpy as np
import pytest

from latentia.data import Data

rng = np.random.default_rng(0)
BYTES = rng.integers(0, 256, (20, 6, 6), dtype=np.uint8)
BYTES[0, 0, :2] = 0, 255
INK = (BYTES > 127).astype(np.uint8)


@pytest.mark.parametrize(
    ("x", "kind", "dtype", "note"),
    [
        (BYTES, "bytes", np.uint8, ""),
        (BYTES.reshape(20, 36), "bytes", np.uint8, ""),
        (BYTES.astype(np.int64), "bytes", np.uint8, "taken as bytes"),
        (BYTES.astype(np.float64), "bytes", np.uint8, "taken as bytes"),
        (BYTES.reshape(20, 36).astype(np.float32), "bytes", np.uint8, "taken as bytes"),
        (INK, "binary", np.uint8, "binary"),
        (INK * np.uint8(255), "binary", np.uint8, "255 as 1"),
        (INK * 255.0, "binary", np.uint8, "255 as 1"),
        (INK.astype(bool), "binary", np.uint8, ""),
        (INK.astype(np.float64), "binary", np.uint8, "binary"),
        (BYTES / 255, "unit", np.float32, ""),
        ((BYTES / 255).astype(np.float16), "unit", np.float32, ""),
        (BYTES - 0.5, "real", np.float32, ""),
        (BYTES * 0.9, "real", np.float32, "x / 255"),
        (BYTES.astype(np.int16) - 300, "real", np.float32, ""),
        (rng.integers(18, 90, (20, 5)), "real", np.float32, ""),  # ages, not pixels
        (rng.normal(size=(20, 5)).astype(">f8"), "real", np.float32, ""),
    ],
)
def test_the_kind_is_told_from_the_values(x, kind, dtype, note):
    d = Data.from_array(x)
    assert (d.schema.kind, d.x.dtype) == (kind, dtype)
    assert note in " ".join(d.notes)
    assert bool(d.notes) is bool(note)


def test_conversions_change_no_value():
    np.testing.assert_array_equal(Data.from_array(BYTES.astype(float)).x, BYTES)
    np.testing.assert_array_equal(Data.from_array(INK * 255).x, INK)


def test_missing_ink_is_still_binary():
    x = INK.reshape(20, 36).astype(float)
    x[3, 4] = np.nan
    d = Data.from_array(x)
    assert (d.schema.kind, d.x.dtype) == ("binary", np.float32)
    assert np.isnan(d.x[3, 4]) and d.schema.missing == pytest.approx(1 / 720)


@pytest.mark.parametrize(
    ("x", "what", "how"),
    [
        (np.array([[{}, 1]] * 12, dtype=object), "Python objects", "astype('float32')"),
        (np.ones((12, 3), complex), "complex", "x.real"),
        (np.full((12, 3), "a"), "text", "labels y"),
        (np.zeros((12, 3), "datetime64[s]"), "dates", "numbers"),
        ([[1, 2], [3]] * 6, "differ in shape", "--size"),
    ],
)
def test_what_is_no_number_is_refused(x, what, how, refused):
    with refused(what, "memory", how):
        Data.from_array(x)


@pytest.mark.parametrize(
    ("shape", "cell", "value", "what", "where", "how"),
    [
        ((20, 5), (7, 2), np.inf, "1 cell is infinite", "row 7, column 2", "NaN"),
        ((20, 5), (7, 2), -np.inf, "1 cell is infinite", "row 7, column 2", "NaN"),
        ((20, 5), (7, 2), 1e39, "too large for float32", "row 7, column 2", "Rescale"),
        ((20, 5, 5), (7, 2, 3), np.nan, "1 cell is NaN", "example 7, position (2, 3)", "drop"),
        ((20, 5, 5), (7, 2, 3), np.inf, "infinite", "example 7, position (2, 3)", "Replace"),
    ],
)
def test_bad_cells_are_counted_and_placed(shape, cell, value, what, where, how, refused):
    x = rng.normal(size=shape)
    x[cell] = value
    with refused(what, where, how):
        Data.from_array(x)


def test_many_bad_cells_are_counted(refused):
    x = rng.normal(size=(20, 4, 4))
    x[5:8, 0, 0] = np.nan
    with refused("3 cells are NaN", "first at example 5", ""):
        Data.from_array(x)


def test_nothing_but_nan_is_refused(refused):
    with refused("Every value is NaN", "memory", "written"):
        Data.from_array(np.full((20, 3), np.nan))
