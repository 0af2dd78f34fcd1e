"""Sprites: every combination of five known factors, drawn by this file."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.data._data import Data
from latentia.data._raw import Raw
from latentia.data.base import NamedSet

__all__ = ["FACTORS", "Sprites"]

Array = npt.NDArray[Any]

_SIDE = 32
_REACH = 8  # pixels from a sprite's middle to the end of what is drawn of it
# With these radii and angles no two of the 24,576 pictures are the same, and no pixel's middle is
# within 1e-5 of an outline, so that rounding on another machine draws no other pixel.
_SHAPES = ("square", "ellipse", "heart")
_RADII = (5.6, 6.7, 7.8, 8.9)
_ANGLES = tuple(90 * step / 8 for step in range(8))
_MIDDLES = tuple(float(pixel) for pixel in range(_REACH, _SIDE - _REACH))

FACTORS: dict[str, tuple[str, ...] | tuple[float, ...]] = {
    "shape": _SHAPES,
    "scale": _RADII,
    "orientation": _ANGLES,
    "x": _MIDDLES,
    "y": _MIDDLES,
}


@final
class Sprites(NamedSet):
    """24,576 black-and-white sprites of five known factors, after Matthey et al. (2017).

    A square, an ellipse or a heart, white on black, 32x32, in every combination of shape, scale
    (the radius of the circle around it, in pixels), orientation (degrees), x and y (the pixel of
    its middle, from the upper left). The values ride along as `Data.beside`, by name.

    Orientation goes through a quarter turn only. In a full turn a square would be four times the
    same picture, and no code of it could tell which (dSprites has such rows).
    """

    def find(self, root: Path | None) -> str | None:
        """Return its place: it is drawn when it is asked for."""
        return "drawn by latentia"

    def load(self, root: Path | None) -> Data:
        """Draw all of them, in an order shuffled once and for all."""
        sizes = tuple(map(len, FACTORS.values()))
        pictures = _drawn()
        order = np.random.default_rng(0).permutation(len(pictures))
        places = np.unravel_index(order, sizes)
        beside = {
            name: np.array(values)[place]
            for (name, values), place in zip(FACTORS.items(), places, strict=True)
        }
        raw = Raw(pictures[order], places[0].astype(np.int64), labels=_SHAPES, beside=beside)
        return Data.from_raw(raw, name="sprites", source="drawn by latentia")


def _drawn() -> Array:
    """Return a picture of every combination, (24576, 32, 32), the last factor changing first."""
    sprites = np.stack([_sprite(*kind) for kind in product(_SHAPES, _RADII, _ANGLES)])
    width, places = sprites.shape[1], len(_MIDDLES)
    found = np.zeros((len(sprites), places, places, _SIDE, _SIDE), dtype=np.uint8)
    for i, j in np.ndindex(places, places):
        found[:, i, j, j : j + width, i : i + width] = sprites
    return found.reshape(-1, _SIDE, _SIDE)


def _sprite(shape: str, radius: float, angle: float) -> Array:
    """Return a sprite around the middle of a square of 17 pixels, 1 within its outline."""
    return (_outline(shape, radius, angle) <= 0).astype(np.uint8)


def _outline(shape: str, radius: float, angle: float) -> Array:
    """Return for 17 x 17 pixels a number that is negative within the outline, 0 on it."""
    across, down = np.meshgrid(*[np.arange(-_REACH, _REACH + 1)] * 2)
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    # What is turned counter-clockwise is looked at from axes that are.
    u = (cos * across - sin * down) / radius
    v = -(sin * across + cos * down) / radius
    found: Array
    match shape:
        case "square":
            found = np.maximum(abs(u), abs(v)) - np.sqrt(0.5)
        case "ellipse":
            found = u**2 + 4 * v**2 - 1
        case _:
            # (p^2 + q^2 - 1)^3 = p^2 q^3, whose farthest point is at 1.4245
            p, q = 1.4245 * u, 1.4245 * v
            found = (p**2 + q**2 - 1) ** 3 - p**2 * q**3
    return found
