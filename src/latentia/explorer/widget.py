"""The page in a notebook's cell: the single file in a frame, brought by anywidget."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import final

import anywidget
import traitlets

from latentia.errors import UsageError

__all__ = ["Cell", "cell_of"]

_LOW, _HIGH = 200, 4000  # pixels of a cell that can be looked at


@final
class Cell(anywidget.AnyWidget):
    """A widget that shows a page.

    The page goes to the browser once, compressed and as bytes, over the kernel's own channel.

    Arguments:
        page: The single file, as gzip.
        height: Of the cell, in pixels.
    """

    _esm = Path(__file__).parent / "widget.js"
    page = traitlets.Bytes().tag(sync=True)
    height = traitlets.Int().tag(sync=True)


def cell_of(content: bytes, height: int) -> Cell:
    """Return a widget of a page.

    Arguments:
        content: The single file.
        height: Of the cell, in pixels.

    Raises:
        UsageError: if nothing could be seen in so high a cell.
    """
    if not _LOW <= height <= _HIGH:
        raise UsageError(
            f"A cell of {height} pixels cannot be looked at.",
            where=f"height={height}",
            how=f"Use {_LOW} to {_HIGH}.",
        )
    # Most of it is compressed already, and only to be brought from text to bytes.
    return Cell(page=gzip.compress(content, 1, mtime=0), height=height)
