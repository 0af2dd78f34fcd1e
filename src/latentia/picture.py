"""Pictures of image examples: scaled to [0, 1] and set side by side on paper."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Tone", "gap", "mosaic", "png", "tone", "top_of_rows", "unit"]

Array = npt.NDArray[Any]
Tone = Literal["gray", "gray_r"]
_TALL = 112  # pixels of one picture in a file, where there is room
_MOST = 2400  # pixels of a whole file, beyond which pictures are not enlarged


def unit(x: Array, span: tuple[float, float] = (0.0, 1.0)) -> Array:
    """Return images (n, H, W) or (n, H, W, 3) as floats in [0, 1] out of any image array.

    Arguments:
        x: Images (n, H, W), (n, H, W, 1) or (n, H, W, 3); uint8 means intensities k/255.
        span: The floats that become 0 and 1.
    """
    low, high = (0.0, 255.0) if x.dtype == np.uint8 else span
    scaled = (np.asarray(x, dtype=np.float64) - low) / (high - low or 1.0)
    if scaled.ndim == 4 and scaled.shape[-1] == 1:
        scaled = scaled[..., 0]
    clipped: Array = np.clip(scaled, 0.0, 1.0)
    return clipped


def tone(x: Array, span: tuple[float, float] = (0.0, 1.0), contrast: float | None = None) -> Tone:
    """Return matplotlib's colour map of grey images: ink on paper, where they are ink in the dark.

    Ink leaves the edges of a picture free, and has few greys: the edges are black and the mean of
    4p(1-p) is low. A dark photograph is no ink, and its negative would be no picture.

    Arguments:
        x: Images, as `unit` takes them.
        span: The floats that become 0 and 1.
        contrast: The data's mean of 4p(1-p), where x are a model's blurred means; else that of x.
    """
    p = unit(x[:500], span)
    if p.ndim == 4:
        return "gray"
    edge = np.concatenate([p[:, 0], p[:, -1], p[:, :, 0], p[:, :, -1]], axis=1)
    greys = float((4 * p * (1 - p)).mean()) if contrast is None else contrast
    return "gray_r" if greys < 0.5 and float(np.median(edge)) < 0.5 else "gray"


def gap(height: int, width: int) -> int:
    """Return the pixels between neighbours that suit pictures of this size."""
    return max(1, round(0.07 * min(height, width)))


def mosaic(rows: Array, *, gap: int, breaks: Sequence[int] = (), tone: Tone = "gray") -> Array:
    """Set a table of pictures side by side as one picture on paper white.

    Arguments:
        rows: Pictures (R, C, H, W) or (R, C, H, W, 3).
        gap: Pixels between neighbours.
        breaks: Rows below which the gap is wider.
        tone: The colour map, which says which value is white.
    """
    n_rows, n_columns, height, width = rows.shape[:4]
    tops, bottom = top_of_rows(n_rows, height, gap, breaks)
    size = (bottom, n_columns * (width + gap) - gap, *rows.shape[4:])
    paper: Array = np.full(size, _white(rows.ndim == 4, tone))
    for top, row in zip(tops, rows, strict=True):
        for j, picture in enumerate(row):
            left = j * (width + gap)
            paper[top : top + height, left : left + width] = picture
    return paper


def top_of_rows(
    n_rows: int, height: int, gap: int, breaks: Sequence[int] = ()
) -> tuple[list[int], int]:
    """Return the first pixel of each row of a mosaic, and the height of all rows together."""
    tops, top = [], 0
    for i in range(n_rows):
        tops.append(top)
        top += height + gap * (4 if i in breaks else 1)
    return tops, tops[-1] + height


def png(pictures: Array, *, tone: Tone, rows: int = 0) -> bytes:
    """Return pictures side by side on paper with a margin, enlarged to be seen, as PNG.

    Arguments:
        pictures: Floats in [0, 1], (n, H, W) or (n, H, W, 3).
        tone: `gray_r` draws what is high in black.
        rows: Rows of the grid; as square as possible if 0.
    """
    from PIL import Image

    n, height, width = pictures.shape[:3]
    down = rows or ceil(sqrt(n))
    across = ceil(n / down)
    white, between = _white(pictures.ndim == 3, tone), gap(height, width)
    empty = np.full((down * across - n, *pictures.shape[1:]), white)
    table = np.concatenate([pictures, empty]).reshape(down, across, *pictures.shape[1:])
    sheet = mosaic(table, gap=between, tone=tone)
    margin = [(2 * between, 2 * between)] * 2 + [(0, 0)] * (sheet.ndim - 2)
    sheet = np.pad(sheet, margin, constant_values=white)
    levels = np.round((1 - sheet if tone == "gray_r" else sheet) * 255).astype(np.uint8)
    scale = max(1, min(_TALL // height, _MOST // max(levels.shape)))
    image = Image.fromarray(levels.repeat(scale, axis=0).repeat(scale, axis=1))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _white(grey: bool, tone: Tone) -> float:
    """Return the value that is shown as paper."""
    return 0.0 if grey and tone == "gray_r" else 1.0
