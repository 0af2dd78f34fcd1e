"""Sheets of small pictures: every layout and kind of image, made smaller by means."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from latentia.data import Schema
from latentia.explorer.sheets import sheet
from latentia.explorer.subject import Subject


class Model:
    def __init__(self, schema):
        self.schema_ = schema


def subject(x, kind, layout, **more):
    schema = Schema("s", "memory", kind, x.shape[1:], layout, **more)
    return Subject(run=None, model=Model(schema), x=x, total=len(x))


def picture(shown, number=0):
    return np.asarray(Image.open(io.BytesIO(sheet(shown, number))))


@pytest.mark.parametrize("layout", ["hwc", "chw"])
def test_colours_stay_where_they_are(layout):
    x = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 3)).astype(np.uint8)
    shown = subject(x if layout == "hwc" else x.transpose(0, 3, 1, 2), "bytes", layout)
    found = picture(shown)
    for i in range(5):
        assert np.array_equal(found[:8, i * 6 : (i + 1) * 6], x[i])


def test_binary_pictures_are_black_and_white():
    x = np.random.default_rng(0).integers(0, 2, (3, 5, 5)).astype(np.uint8)
    found = picture(subject(x, "binary", "hw"))
    assert np.array_equal(found[:5, :5], 255 * x[0])


def test_real_numbers_are_seen_between_the_least_and_the_most():
    x = np.linspace(-2, 6, 32, dtype=np.float32).reshape(2, 4, 4)
    found = picture(subject(x, "real", "hw", low=-2.0, high=6.0))
    assert found[0, 0] == 0 and found[3, 7] == 255


def test_large_pictures_become_the_means_of_squares():
    x = np.random.default_rng(0).integers(0, 256, (2, 130, 100)).astype(np.uint8)
    shown = subject(x, "bytes", "hw")
    assert (shown.sheets["height"], shown.sheets["width"]) == (44, 34)
    expected = x[0, :3, :3].mean()
    assert abs(picture(shown)[0, 0] - expected) <= 0.5


def test_every_example_is_on_one_sheet():
    x = np.zeros((1500, 28, 28), np.uint8)
    shown = subject(x, "bytes", "hw")
    layout = shown.sheets
    assert layout["sheets"] == 2 and layout["each"] == layout["across"] ** 2
    rows = -(-(1500 - layout["each"]) // layout["across"])
    assert picture(shown, 1).shape == (28 * rows, 28 * layout["across"])


def test_what_is_no_picture_has_no_sheets():
    shown = subject(np.zeros((3, 4), np.float32), "real", "vector")
    assert shown.sheets is None
    assert (
        replace(
            subject(np.zeros((3, 2, 2), np.uint8), "bytes", "hw"), x=np.empty((0, 2, 2))
        ).sheets
        is None
    )
