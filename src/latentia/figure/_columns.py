"""Small multiples of a table: one panel per column."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latentia.figure import _style

__all__ = ["panels"]


def panels(names: Sequence[str], *, across: str, up: str) -> tuple[Figure, list[Axes]]:
    """Return a figure with one named panel per column of a table, at most three abreast.

    Arguments:
        names: The panels' names, as figures write them.
        across: What the horizontal axes show, with its unit.
        up: What the vertical axes show, with its unit.
    """
    abreast = _style.abreast(len(names))
    down = -(-len(names) // abreast)
    figure = _style.new_figure(1.0 + 1.8 * down)
    axes = [figure.add_subplot(down, abreast, i + 1) for i in range(len(names))]
    for i, (ax, name) in enumerate(zip(axes, names, strict=True)):
        ax.set_title(name)
        ax.locator_params(nbins=4)
        # What large numbers have in common is written once, at the axis' end
        ax.ticklabel_format(scilimits=(-3, 4), useMathText=True)
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_offset_text().set_fontsize(7)
        _style.bounded(ax)
        if i % abreast == 0:
            ax.set_ylabel(up)
        if i + abreast >= len(names):
            ax.set_xlabel(across, loc="left")
    return figure, axes
