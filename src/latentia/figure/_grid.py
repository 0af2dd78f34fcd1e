"""Grids of pictures: one image array, labelled by row and column."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latentia.figure import _style
from latentia.figure.base import Array

__all__ = ["colours", "gap", "grid_figure", "mosaic", "pictures", "show"]

_TALLEST = 7.0  # inches of pictures


def pictures(x: Array, span: tuple[float, float] = (0.0, 1.0)) -> Array:
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


def colours(x: Array, span: tuple[float, float] = (0.0, 1.0)) -> str:
    """Return the colour map of grey images: ink on paper where most of them is dark.

    Arguments:
        x: The data, as `pictures` takes it.
        span: The floats that become 0 and 1.
    """
    return "gray_r" if float(pictures(x[:500], span).mean()) < 0.5 else "gray"


def gap(rows: Array) -> int:
    """Return the pixels between neighbours that suit a table of pictures (R, C, H, W, ...)."""
    side: int = min(rows.shape[2:4])
    return max(1, round(0.07 * side))


def mosaic(rows: Array, *, gap: int, breaks: Sequence[int] = (), cmap: str = "gray") -> Array:
    """Set a table of pictures side by side as one picture on paper white.

    Arguments:
        rows: Pictures (R, C, H, W) or (R, C, H, W, 3).
        gap: Pixels between neighbours.
        breaks: Rows below which the gap is wider.
        cmap: The colour map, which says which value is white.
    """
    n_rows, n_columns, height, width = rows.shape[:4]
    white = 0.0 if cmap == "gray_r" and rows.ndim == 4 else 1.0
    tops, bottom = _tops(n_rows, height, gap, breaks)
    size = (bottom, n_columns * (width + gap) - gap, *rows.shape[4:])
    paper: Array = np.full(size, white)
    for top, row in zip(tops, rows, strict=True):
        for j, picture in enumerate(row):
            left = j * (width + gap)
            paper[top : top + height, left : left + width] = picture
    return paper


def show(ax: Axes, image: Array, cmap: str) -> None:
    """Show one picture with one pixel per unit, values from 0 to 1, and no frame."""
    ax.imshow(image, cmap=cmap, vmin=0.0, vmax=1.0, aspect="equal")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, pad=3)
    ax.set_xticks([])
    ax.set_yticks([])


def grid_figure(
    rows: Array,
    *,
    cmap: str,
    row_labels: Sequence[str] = (),
    column_labels: Sequence[str] = (),
    column_title: str = "",
    breaks: Sequence[int] = (),
    heading: tuple[str, str] = ("", ""),
) -> tuple[Figure, Axes]:
    """Draw a table of pictures, labelled, in a figure that fits it.

    Arguments:
        rows: Pictures (R, C, H, W) or (R, C, H, W, 3).
        cmap: The colour map of grey pictures.
        row_labels: What stands left of each row.
        column_labels: What stands below each column.
        column_title: The unit of what stands below, on its left.
        breaks: Rows below which the gap is wider.
        heading: The run's name, and a note that says what is seen.
    """
    (height, width), between = rows.shape[2:4], gap(rows)
    image = mosaic(rows, gap=between, breaks=breaks, cmap=cmap)
    below = max((label.count("\n") + 1 for label in column_labels), default=0)
    figure = _fitted(image, max(map(_length, [*row_labels, column_title])), below, heading)
    ax = figure.add_subplot()
    show(ax, image, cmap)
    if row_labels:
        tops, _ = _tops(len(rows), height, between, breaks)
        ax.set_yticks([top + (height - 1) / 2 for top in tops], row_labels)
    if column_labels:
        ticks = [j * (width + between) + (width - 1) / 2 for j in range(rows.shape[1])]
        ax.set_xticks(ticks, column_labels)
    ax.annotate(
        column_title, (0, 0), (-3.5, -3), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="top", fontsize=9, annotation_clip=False,
    )  # fmt: skip
    _style.heading(figure, *heading)
    return figure, ax


def _fitted(image: Array, beside: int, below: int, heading: tuple[str, str]) -> Figure:
    """Return a figure that fits a picture, characters beside it, and lines below it."""
    margin = 0.2 + 0.082 * beside
    ratio = image.shape[0] / image.shape[1]
    drawn = min((_style.WIDTH - margin) * ratio, _TALLEST)
    width = max(drawn / ratio + margin, 4.0)
    title, note = heading
    extra = (0.27 if title else 0.0) + 0.17 * below + _style.note_height(note, width) + 0.15
    return _style.new_figure(drawn + extra, width)


def _length(label: str) -> int:
    """Return how many characters wide a label is, mathematical signs left out."""
    return max(len(re.sub(r"[${}_]", "", line)) for line in label.split("\n"))


def _tops(n_rows: int, height: int, gap: int, breaks: Sequence[int]) -> tuple[list[int], int]:
    """Return the first pixel of each row, and the height of all rows together."""
    tops, top = [], 0
    for i in range(n_rows):
        tops.append(top)
        top += height + gap * (4 if i in breaks else 1)
    return tops, tops[-1] + height
