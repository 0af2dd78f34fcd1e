"""Pictures side by side: in their places, as ink on paper, with a margin."""

import io

import numpy as np
import pytest
from PIL import Image

from latentia import data, picture


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def test_pictures_are_floats_of_the_intensities():
    x = np.array([[[0, 51], [102, 255]]], dtype=np.uint8)
    assert np.allclose(picture.unit(x), [[[0, 0.2], [0.4, 1]]])
    assert picture.unit(x[..., None]).shape == (1, 2, 2)
    assert picture.unit(np.full((1, 2, 2, 3), 1.5)).max() == 1.0


@pytest.mark.parametrize(("level", "tone"), [(20, "gray_r"), (200, "gray")])
def test_ink_on_paper_where_most_is_dark(level, tone):
    assert picture.tone(np.full((3, 4, 4), level, dtype=np.uint8)) == tone


def test_one_bold_picture_is_shown_as_all_are():
    """A garment may cover most of its picture; the edges stay free."""
    bold = np.zeros((1, 10, 10))
    bold[:, 1:9, 1:9] = 1
    assert bold.mean() > 0.5
    assert picture.tone(bold) == "gray_r"
    for name in ("digits", "mnist5k"):
        assert {picture.tone(x[None]) for x in data.load(name).x[:40]} == {"gray_r"}


def test_a_dark_photograph_is_no_negative():
    dark = np.random.default_rng(0).uniform(0.1, 0.6, (5, 9, 9))
    assert picture.tone(dark) == "gray"
    assert picture.tone(np.zeros((2, 4, 4, 3))) == "gray"


def test_a_mosaic_puts_every_picture_in_its_place():
    rows = np.arange(6.0).reshape(2, 3, 1, 1) + np.ones((2, 3, 4, 5))
    image = picture.mosaic(rows, gap=2, tone="gray_r")
    assert image.shape == (4 + 2 + 4, 3 * 5 + 2 * 2)
    assert np.all(image[6:, 7:12] == 5.0) and np.all(image[4:6] == 0.0)
    assert np.all(picture.mosaic(rows, gap=2, tone="gray")[4:6] == 1.0)


def test_a_break_widens_one_gap():
    image = picture.mosaic(np.ones((3, 1, 4, 4)), gap=1, breaks=[0], tone="gray_r")
    assert image.shape[0] == 3 * 4 + 4 + 1


@pytest.mark.parametrize("shape", [(5, 8, 8), (5, 8, 8, 3), (1, 40, 60), (7, 6, 4)])
@pytest.mark.parametrize("tone", ["gray", "gray_r"])
def test_a_file_has_a_white_margin_and_white_where_nothing_is(shape, tone):
    if len(shape) == 4 and tone == "gray_r":
        pytest.skip("colours have one tone")
    ink = 1.0 if tone == "gray_r" else 0.0
    found = pixels(picture.png(np.full(shape, ink), tone=tone))
    found = found.reshape(*found.shape[:2], -1).min(axis=2)
    assert (found[[0, -1]] == 255).all() and (found[:, [0, -1]] == 255).all()
    scale = min(112 // shape[1], 2400)
    assert (found == 0).sum() == shape[0] * shape[1] * shape[2] * scale**2


def test_many_pictures_are_not_enlarged_beyond_a_screen():
    found = pixels(picture.png(np.zeros((400, 28, 28)), tone="gray"))
    assert max(found.shape) <= 2400
    assert pixels(picture.png(np.zeros((10_000, 28, 28)), tone="gray")).shape[0] < 4000
