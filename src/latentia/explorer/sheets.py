"""Sheets of small pictures: a thousand examples in one PNG."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from latentia.explorer.small import small
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
    pictures = small(part, subject.model.schema_, tall, wide)
    down = -(-len(pictures) // across)
    depth = pictures.shape[3:]
    table = np.zeros((down * across, tall, wide, *depth), np.uint8)
    table[: len(pictures)] = pictures
    table = table.reshape(down, across, tall, wide, *depth).swapaxes(1, 2)
    buffer = io.BytesIO()
    whole = table.reshape(down * tall, across * wide, *depth)
    Image.fromarray(whole).save(buffer, format="PNG", compress_level=4)
    return buffer.getvalue()
