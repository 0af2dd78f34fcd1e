"""Interpolation: the way from one example to another, straight and round."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from latentia import picture
from latentia.figure import _grid
from latentia.figure.base import Array, Plot, Subject, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Interpolation"]


@final
class Interpolation(Plot):
    """Decodes on the linear and the spherical way between pairs of held-out examples.

    Arguments:
        pairs: How many pairs.
        steps: How many decodes on each way, both ends included.
        seed: The seed by which pairs are chosen.
    """

    least: ClassVar = {"steps": 2, "seed": 0}

    def __init__(self, *, pairs: int = 2, steps: int = 9, seed: int = 0) -> None:
        self.pairs, self.steps, self.seed = pairs, steps, seed

    def reason_not(self, subject: Subject) -> str:
        """Ask for two images."""
        if reason := needs_images(subject):
            return reason
        return "" if len(subject.test_x) >= 2 else "there is one test example, and a way needs 2"

    def compose(self, subject: Subject) -> Figure:
        """Draw two rows for each pair, with the originals at both ends."""
        rows = []
        for i, j in self._chosen(subject):
            a, b = subject.test_x[i], subject.test_x[j]
            ends = picture.unit(np.stack([a, b]), subject.span)
            for method in ("linear", "spherical"):
                way = subject.model.interpolate(a, b, steps=self.steps, method=method)
                way = picture.unit(np.asarray(way), subject.span)
                rows.append(np.concatenate([ends[:1], way, ends[1:]]))
        shares = np.linspace(0, 1, self.steps)
        figure, _ = _grid.grid_figure(
            np.stack(rows),
            cmap=picture.tone(subject.test_x, subject.span),
            row_labels=["linear", "spherical"] * (len(rows) // 2),
            column_labels=[
                "a",
                *(f"{100 * s:.0f}%" if (100 * s).is_integer() else "" for s in shares.tolist()),
                "b",
            ],
            breaks=range(1, len(rows), 2),
            heading=(
                subject.title,
                "Columns a and b are held-out examples; between them, decodes at shares of the "
                "way from the posterior mean of a to that of b."
                + subject.under("Each half is under the most probable class of its end."),
            ),
        )
        return figure

    def _chosen(self, subject: Subject) -> list[tuple[int, int]]:
        """Return pairs of positions, of different labels where there are labels."""
        random = np.random.default_rng(self.seed)
        y, found = subject.test_y, []
        for _ in range(self.pairs):
            i = int(random.integers(len(subject.test_x)))
            others: Array = np.arange(len(subject.test_x)) != i
            if y is not None and np.any(y != y[i]):
                others = y != y[i]
            found.append((i, int(random.choice(np.flatnonzero(others)))))
        return found
