"""The page in a notebook's cell: the single file in a frame, brought by anywidget."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

from latentia.errors import UsageError

__all__ = ["MODULE", "cell_of"]

MODULE = Path(__file__).parent / "widget.js"
_LOW, _HIGH = 200, 4000  # pixels of a cell that can be looked at


def cell_of(content: bytes, height: int) -> Any:
    """Return a widget of a page.

    The page goes to the browser once, compressed and as bytes, over the kernel's own channel.

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
    # Most of it is compressed already, and only brought from text to bytes.
    return _cell()(page=gzip.compress(content, 1, mtime=0), height=height)


@cache
def _cell() -> type[Any]:
    """Return the widget's class, which cannot be made where anywidget is not installed."""
    import anywidget
    import traitlets

    class Cell(anywidget.AnyWidget):
        """A widget that shows a page: `page` is the single file as gzip, `height` in pixels."""

        _esm = MODULE
        page = traitlets.Bytes().tag(sync=True)
        height = traitlets.Int().tag(sync=True)

    return Cell
