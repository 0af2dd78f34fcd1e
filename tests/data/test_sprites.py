"""Sprites: every combination once, drawn as its factors say."""

from dataclasses import replace
from itertools import product
from math import pi

import numpy as np
import pytest

from latentia import data
from latentia.data.sprites import _SHAPES, FACTORS, _outline, _sprite
from latentia.errors import UsageError

KINDS = list(product(_SHAPES, FACTORS["scale"], FACTORS["orientation"]))


@pytest.fixture(scope="module")
def sprites():
    return data.load("sprites")


def test_every_combination_of_the_factors_is_there_once(sprites):
    rows = list(zip(*(sprites.beside[name].tolist() for name in FACTORS), strict=True))
    assert list(sprites.beside) == ["shape", "scale", "orientation", "x", "y"]
    assert set(rows) == set(product(*FACTORS.values()))
    assert len(rows) == len(set(rows)) == 3 * 4 * 8 * 16 * 16


def test_no_two_pictures_are_the_same(sprites):
    """So that a perfect code of every factor exists."""
    assert len(np.unique(np.packbits(sprites.x.reshape(len(sprites), -1), axis=1), axis=0)) == (
        len(sprites)
    )


def test_no_pixel_is_so_near_to_an_outline_that_rounding_decides():
    assert min(abs(_outline(*kind)).min() for kind in KINDS) > 1e-5


def test_the_label_is_the_shape(sprites):
    assert sprites.schema.labels == ("square", "ellipse", "heart")
    np.testing.assert_array_equal(np.array(_SHAPES)[sprites.y], sprites.beside["shape"])
    X, y = data.load("sprites", return_X_y=True)
    np.testing.assert_array_equal(X, sprites.x)
    np.testing.assert_array_equal(y, sprites.y)


@pytest.mark.parametrize("shape", ["square", "ellipse"])
def test_a_symmetric_sprite_lies_around_its_x_and_y(sprites, shape):
    rows = np.flatnonzero(sprites.beside["shape"] == shape)[:300]
    for i in rows:
        down, across = np.nonzero(sprites.x[i])
        assert across.mean() == pytest.approx(sprites.beside["x"][i], abs=1e-9)
        assert down.mean() == pytest.approx(sprites.beside["y"][i], abs=1e-9)


@pytest.mark.parametrize(
    ("shape", "share"),
    # Of a circle's square: a square's 2 r^2, an ellipse's pi r^2 / 2, a heart's by quadrature.
    [("square", 2.0), ("ellipse", pi / 2), ("heart", None)],
)
@pytest.mark.parametrize("radius", FACTORS["scale"])
def test_its_area_is_that_of_the_outline(shape, share, radius):
    if share is None:
        side = np.linspace(-1.2, 1.2, 2401)
        p, q = np.meshgrid(side, side)
        area = ((p**2 + q**2 - 1) ** 3 <= p**2 * q**3).sum() * 0.001**2
        share = area / 1.4245**2
    pixels = np.mean([_sprite(shape, radius, a).sum() for a in FACTORS["orientation"]])
    assert pixels == pytest.approx(share * radius**2, rel=0.03)


@pytest.mark.parametrize(("shape", "radius", "angle"), KINDS[::5])
def test_nothing_of_it_is_cut_off(shape, radius, angle):
    """Its farthest point is at the radius, and the window ends beyond it."""
    down, across = np.nonzero(_sprite(shape, radius, angle))
    far = np.hypot(down - 8, across - 8)
    assert radius - 1.6 < far.max() < radius
    assert radius < 9


def test_a_heart_stands_upright_and_turns_against_the_clock():
    upright, turned = (_sprite("heart", 8.9, angle) for angle in (0.0, 45.0))
    np.testing.assert_array_equal(upright, upright[:, ::-1])
    assert upright[:8].sum() > upright[9:].sum()  # the tip is below
    np.testing.assert_array_equal(_sprite("heart", 8.9, 90.0), np.rot90(upright))
    assert turned[:8].sum() > turned[9:].sum() and turned[:, :8].sum() > turned[:, 9:].sum()


def test_factors_can_be_conditions_and_go_with_a_part_of_the_rows(sprites):
    told = data.load("sprites", conditions=["scale", "shape"])
    assert told.c.shape == (len(sprites), 4)
    assert told.schema.conditions[1].classes == ("square", "ellipse", "heart")
    np.testing.assert_allclose(told.c[:, 0].std(), 1, rtol=1e-5)
    part = data.load(replace(sprites, n_official_test=100), split="test")
    for name, values in sprites.beside.items():
        np.testing.assert_array_equal(part.beside[name], values[-100:])
    with pytest.raises(UsageError, match="nothing called 'colour'"):
        data.load("sprites", conditions=["colour"])


def test_a_check_counts_their_values():
    assert data.check("sprites")["factors"] == {
        "shape": 3, "scale": 4, "orientation": 8, "x": 16, "y": 16,
    }  # fmt: skip
    assert data.check("digits")["factors"] == {}
