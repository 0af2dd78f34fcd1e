"""An autoencoder against a variational one: two maps, and what the same draws decode to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from latentia.figure import _grid, _map, _style
from latentia.figure.base import Array, Model, Plot, Subject, needs_latents

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["AeVsVae"]


_ACROSS = 6
_NOTE = (
    "Codes of the same held-out examples at the same scale. Dashed: N(0, I) at 1, 2 and 3 "
    "standard deviations. Crosses: draws from it, the same on both sides"
)


@dataclass(frozen=True)
class _Side:
    """One of the two models: its name, two latents, codes (n, 2) and draws (m, L) to decode."""

    model: Model
    title: str
    pair: Array
    points: Array
    draws: Array


@final
class AeVsVae(Plot):
    """The labelled maps of a VAE and a plain autoencoder at one scale, and decodes of N(0, I).

    Arguments:
        n: At most how many examples.
        rows: Rows of decodes below each map; six in a row.
        seed: The seed of the draws from N(0, I), the same for both.
    """

    def __init__(self, *, n: int = 3000, rows: int = 3, seed: int = 0) -> None:
        self.n, self.rows, self.seed = n, rows, seed

    def reason_not(self, subject: Subject) -> str:
        """Ask for one model of either kind, with a map each."""
        if subject.other is None:
            return "there is no second model, a plain autoencoder, to set against this one"
        if subject.model.is_generative == subject.other.is_generative:
            return "one of the two models must be a plain autoencoder and the other must not"
        return needs_latents(subject.model, 2) or needs_latents(subject.other, 2)

    def compose(self, subject: Subject) -> Figure:
        """Draw the variational one on the left, whichever was given first."""
        sides = self._sides(subject)
        reach = max(_map.reach(side.points, contours=True) for side in sides)
        names, codes = _map.classes(subject, self.n)
        figure = _style.new_figure(5.9 if subject.is_image else 4.2)
        down = 2 if subject.is_image else 1
        grid = figure.add_gridspec(down, 2, height_ratios=(1.9, 1.0)[:down])
        for column, side in enumerate(sides):
            ax = figure.add_subplot(grid[0, column])
            _map.scatter(ax, side.points, codes, names, size=0.6 * _map.marker_size(len(codes)))
            ax.plot(
                *side.draws[:, side.pair].T,
                "P",
                color=_style.INK,
                ms=5,
                mec="white",
                mew=0.6,
                zorder=5,
            )
            _map.prior_contours(ax, named=reach < 6)
            _map.square(ax, reach)
            if side.model.is_generative and reach > 9:
                self._inset(ax, side, codes, names, reach)
            ax.set_title(side.title)
            ax.set_xlabel(_map.axis_label(side.pair[0], generative=side.model.is_generative))
            ax.set_ylabel(_map.axis_label(side.pair[1], generative=side.model.is_generative))
            if subject.is_image:
                below = figure.add_subplot(grid[1, column])
                self._decodes(below, side, _grid.colours(subject.test_x))
        entries = _map.legend(names, contours=True)
        inches = sum(0.38 + 0.08 * len(str(entry.get_label())) for entry in entries)
        abreast = -(-len(entries) // -int(-inches // _style.WIDTH))
        figure.legend(
            handles=entries, loc="outside upper center", ncols=abreast, columnspacing=1.0,
            handlelength=1.2,
        )  # fmt: skip
        _style.heading(figure, "", _NOTE + (", decoded below." if subject.is_image else "."))
        return figure

    def _sides(self, subject: Subject) -> list[_Side]:
        assert subject.other is not None
        sides = []
        for model, title in ((subject.model, subject.title), (subject.other, subject.other_title)):
            x = subject.test_x[: self.n]
            pair = np.sort(_map.order(model, x[:1000])[0][:2])
            points = np.asarray(model.transform(x))[:, pair]
            random = np.random.default_rng(self.seed)
            draws = random.standard_normal((self.rows * _ACROSS, model.n_components))
            kind = "variational autoencoder" if model.is_generative else "autoencoder"
            sides.append(_Side(model, title or kind, pair, points, draws))
        return sorted(sides, key=lambda side: not side.model.is_generative)

    def _inset(self, ax: Axes, side: _Side, codes: Array, names: list[str], reach: float) -> None:
        """Show the variational map larger in the corner that the common scale leaves empty."""
        start = 0.5 + 1.3 / reach  # where the corner clears three standard deviations
        inset = ax.inset_axes((start, start, 1 - start, 1 - start))
        _map.scatter(inset, side.points, codes, names, size=0.2 * _map.marker_size(len(codes)))
        _map.prior_contours(inset, named=False)
        _map.square(inset, _map.reach(side.points, contours=True))
        inset.set(xticks=[], yticks=[])
        inset.spines[:].set_visible(True)
        ax.indicate_inset_zoom(inset, edgecolor="#888888", lw=0.6)

    def _decodes(self, ax: Axes, side: _Side, cmap: str) -> None:
        made = _grid.pictures(np.asarray(side.model.inverse_transform(side.draws)))
        rows = made.reshape(self.rows, _ACROSS, *made.shape[1:])
        _grid.show(ax, _grid.mosaic(rows, gap=_grid.gap(rows), cmap=cmap), cmap)
