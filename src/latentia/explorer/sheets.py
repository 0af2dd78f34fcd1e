"""Sheets of small pictures: a thousand examples in one PNG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from latentia import picture
from latentia.explorer.subject import Subject

__all__ = ["sheet"]

Array = npt.NDArray[Any]


def sheet(subject: Subject, number: int) -> bytes:
    """Return one sheet as PNG: pictures in rows without gaps, values as they are, black the least.

    Large pictures are made smaller by the mean over squares of pixels.

    Arguments:
        subject: Whose examples.
        number: Which sheet, counted from 0; below `subject.sheets["sheets"]`.
    """
    layout = subject.sheets
    assert layout is not None
    each, across = layout["each"], layout["across"]
    tall, wide = layout["height"], layout["width"]
    part = subject.x[number * each : (number + 1) * each]
    schema = subject.model.schema_
    span = (schema.low, schema.high) if schema.kind == "real" else (0.0, 1.0)
    seen = _channels_last(np.asarray(part), schema.layout)
    pictures = np.nan_to_num(picture.unit(seen, span))
    if schema.kind == "binary" and seen.dtype == np.uint8:
        pictures = np.clip(np.asarray(seen, np.float64), 0, 1).reshape(pictures.shape)
    pictures = _smaller(pictures, tall, wide)
    down = -(-len(pictures) // across)
    depth = pictures.shape[3:]
    table = np.zeros((down * across, tall, wide, *depth))
    table[: len(pictures)] = pictures
    table = table.reshape(down, across, tall, wide, *depth).swapaxes(1, 2)
    levels = np.round(table.reshape(down * tall, across * wide, *depth) * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, format="PNG", compress_level=4)
    return buffer.getvalue()


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
