"""How thick and how slanted the strokes of digits are, measured on their pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

__all__ = ["slant", "thickness"]

Array = npt.NDArray[Any]

# Pixels of the enlarged image for each of the original, in either direction.
_FINE = 4


def thickness(x: Array) -> Array:
    r"""Return the mean width of the strokes of images (n, H, W) in [0, 1], in pixels, (n,).

    .. math:: w = 4 \cdot \text{mean distance of the ink from the paper}

    Across a stroke of width w the distance to its nearer edge goes from 0 to w/2 and back, and is
    w/4 on average; at the ends of a stroke it is less, by which the width comes out up to a tenth
    too small. The ink is where an image enlarged by linear interpolation is above 1/2.
    """
    return np.array([_thickness(image) for image in x])


def slant(x: Array) -> Array:
    r"""Return the slope of images (n, H, W): the shift to the right for a pixel up, (n,).

    .. math:: -\mu_{11} / \mu_{02}

    of the ink's central moments, the rows counted downwards: 0 is upright, 1 leans by 45 degrees.
    """
    rows, columns = np.indices(x.shape[1:])
    ink = x.sum((1, 2))
    down, across = ((x * axis).sum((1, 2)) / ink for axis in (rows, columns))
    away = rows - down[:, None, None]
    mixed = (x * away * (columns - across[:, None, None])).sum((1, 2))
    slope: Array = -mixed / (x * away**2).sum((1, 2))
    return slope


def _thickness(image: Array) -> float:
    fine = ndimage.zoom(image, _FINE, order=1, mode="grid-constant", grid_mode=True)
    ink = np.pad(fine > 0.5, 1)
    if not ink.any():
        return 0.0
    # The distance runs to the centre of the nearest pixel of paper, half a pixel past the edge.
    distance = ndimage.distance_transform_edt(ink)[ink] - 0.5
    return float(4 * distance.mean() / _FINE)
