"""Attributes of images that are measured on their pixels, (n, H, W) in [0, 1] to (n,)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

__all__ = ["brightness", "roundness", "slant", "thickness"]

Array = npt.NDArray[Any]

# Finer pixels, so that a stroke that grows by a fraction of a pixel is measured as thicker.
_ZOOM = 3
# From this grey on a pixel belongs wholly to the garment, dark fabric or bright.
_FABRIC = 0.2


def thickness(x: Array) -> Array:
    """Return the thickness of strokes in pixels: four times the mean distance of ink to paper.

    In a long strip of width w, distances to the nearer edge are uniform between 0 and w / 2.
    """
    return np.array([_thickness(image) for image in x])


def slant(x: Array) -> Array:
    """Return the slant as the tangent of an angle, from second moments; leaning right is above 0.

    Shearing an image by s adds s to it.
    """
    rows, across, _ = _moments(x)
    return -across / rows


def roundness(x: Array) -> Array:
    """Return width over height of the silhouette, each a standard deviation of its pixels."""
    rows, _, columns = _moments(np.clip(x / _FABRIC, 0, 1))
    found: Array = np.sqrt(columns / rows)
    return found


def brightness(x: Array) -> Array:
    """Return how bright the pixels of the silhouette are, in [0, 1]."""
    shape = np.clip(x / _FABRIC, 0, 1)
    found: Array = (x * shape).sum((1, 2)) / _ink(shape)
    return found


def _thickness(image: Array) -> float:
    down, across = (_finer(side) for side in image.shape)
    distance = ndimage.distance_transform_edt(_cut_out(down @ image @ across.T > 0.5))
    inside = distance[distance > 0]
    # A pixel's centre lies half a pixel nearer to the edge than to the next pixel of paper.
    return 4 * float(inside.mean() - 0.5) / _ZOOM if len(inside) else 0.0


@cache
def _finer(side: int) -> Array:
    """Return the weights by which finer pixels are interpolated, (_ZOOM * side, side).

    Linear, with the centres of the first and the last pixel where they were.
    """
    at = np.linspace(0, side - 1, _ZOOM * side)[:, None]
    found: Array = np.clip(1 - np.abs(at - np.arange(side)), 0, 1)
    return found


def _cut_out(ink: Array) -> Array:
    """Return the box around the ink, one pixel of paper wide where there is paper.

    The paper nearest to any ink is within: what lies beyond the rim is farther than the rim.
    """
    rows, columns = (np.flatnonzero(ink.any(axis)) for axis in (1, 0))
    if not len(rows):
        return ink
    sides = (slice(max(0, at[0] - 1), at[-1] + 2) for at in (rows, columns))
    return ink[tuple(sides)]


def _moments(x: Array) -> tuple[Array, Array, Array]:
    """Return variance of rows, covariance of rows and columns, variance of columns, (n,) each."""
    weight = x / _ink(x)[:, None, None]
    rows, columns = np.indices(x.shape[1:])
    down = rows - (weight * rows).sum((1, 2))[:, None, None]
    right = columns - (weight * columns).sum((1, 2))[:, None, None]
    pairs = ((down, down), (down, right), (right, right))
    # A single dot has no extent; a pixel's own, 1/12, keeps the ratios finite.
    own = (1 / 12, 0.0, 1 / 12)
    first, second, third = (
        (weight * a * b).sum((1, 2)) + more for (a, b), more in zip(pairs, own, strict=True)
    )
    return first, second, third


def _ink(x: Array) -> Array:
    total: Array = np.maximum(x.sum((1, 2)), 1e-9)
    return total
