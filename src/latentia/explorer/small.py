"""Small pictures of examples, as bytes."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia import picture
from latentia.data import Schema

__all__ = ["size_of", "small"]

Array = npt.NDArray[Any]
_SIDE = 64  # pixels at most


def small(x: Array, schema: Schema, tall: int, wide: int) -> Array:
    """Return images as bytes of so many pixels, (n, H, W) or (n, H, W, 3), 0 the least value.

    Arguments:
        x: Images (n, ...) as the user has them.
        schema: What they are.
        tall: Pixels down, a whole part of theirs or as many.
        wide: Pixels across.
    """
    span = (schema.low, schema.high) if schema.kind == "real" else (0.0, 1.0)
    seen = _channels_last(np.asarray(x), schema.layout)
    pictures = np.nan_to_num(picture.unit(seen, span))
    if schema.kind == "binary" and seen.dtype == np.uint8:
        pictures = np.clip(np.asarray(seen, np.float64), 0, 1).reshape(pictures.shape)
    levels: Array = np.round(_smaller(pictures, tall, wide) * 255).astype(np.uint8)
    return levels


def size_of(schema: Schema) -> tuple[int, int] | None:
    """Return height and width of a small picture; None where examples are no pictures."""
    if not schema.is_image or schema.model_shape[0] not in (1, 3):
        return None
    _, height, width = schema.model_shape
    step = ceil(max(height, width) / _SIDE)
    return ceil(height / step), ceil(width / step)


def _channels_last(x: Array, layout: str) -> Array:
    return x.transpose(0, 2, 3, 1) if layout == "chw" else x


def _smaller(pictures: Array, tall: int, wide: int) -> Array:
    """Return pictures (n, H, W, ...) of so many pixels, each the mean of a square."""
    n, height, width = pictures.shape[:3]
    if (height, width) == (tall, wide):
        return pictures
    step = -(-max(height / tall, width / wide) // 1)
    step = int(step)
    pad = [(0, 0), (0, tall * step - height), (0, wide * step - width)]
    pad += [(0, 0)] * (pictures.ndim - 3)
    whole = np.pad(pictures, pad, mode="edge")
    squares = whole.reshape(n, tall, step, wide, step, *pictures.shape[3:])
    smaller: Array = squares.mean(axis=(2, 4))
    return smaller
