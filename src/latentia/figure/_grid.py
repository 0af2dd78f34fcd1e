"""Grids of pictures: one image array, labelled by row and column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latentia import picture
from latentia.figure import _style, _text
from latentia.figure.base import Array
from latentia.picture import Tone

__all__ = ["grid_figure", "show"]

_TALLEST = 7.0  # inches of pictures


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
    cmap: Tone,
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
    height, width = rows.shape[2:4]
    between = picture.gap(height, width)
    image = picture.mosaic(rows, gap=between, breaks=breaks, tone=cmap)
    below = max((label.count("\n") + 1 for label in column_labels), default=0)
    figure = _fitted(image, max(map(_length, [*row_labels, column_title])), below, heading)
    ax = figure.add_subplot()
    show(ax, image, cmap)
    if row_labels:
        tops, _ = picture.top_of_rows(len(rows), height, between, breaks)
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
    return max(_text.width(re.sub(r"[${}_]", "", line)) for line in label.split("\n"))
