"""Reconstructions: held-out examples above what the model makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _columns, _grid, _style
from latentia.figure.base import Plot, Subject, footnote

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Reconstructions"]


@final
class Reconstructions(Plot):
    """Held-out examples above their reconstructions E[x|z], with the nats of each.

    Arguments:
        n: How many examples, each label in turn.
        rows: How many of a table's rows are drawn, where the data are a table.
    """

    def __init__(self, *, n: int = 10, rows: int = 1000) -> None:
        self.n, self.rows = n, rows

    def reason_not(self, subject: Subject) -> str:
        """Refuse nothing: every model reconstructs."""
        return ""

    def compose(self, subject: Subject) -> Figure:
        """Draw pairs of pictures, or each column against its reconstruction."""
        return self._pictures(subject) if subject.is_image else self._columns(subject)

    def _pictures(self, subject: Subject) -> Figure:
        x = subject.test_x[subject.pick(self.n)]
        nats = np.asarray(subject.model.elbo(x, random_state=0).reconstruction)
        back = np.asarray(subject.model.reconstruct(x))
        term = "E_q[log\u00a0p(x|z)] " if subject.unit == "nats" else ""
        what = f"{term}in {subject.unit}"
        form = ".1f" if np.abs(nats).max() < 1000 else ".0f"
        figure, _ = _grid.grid_figure(
            np.stack([picture.unit(each, subject.span) for each in (x, back)]),
            cmap=picture.tone(subject.test_x, subject.span),
            row_labels=["original", subject.shows[1]],
            column_labels=[_style.number(value, form) for value in nats],
            column_title=f"{subject.unit}{subject.star}",
            heading=(
                subject.title,
                "Held-out examples and their reconstructions; below each pair, its "
                f"reconstruction {what}.{self._under(subject)}{footnote(subject.no_likelihood)}",
            ),
        )
        return figure

    def _columns(self, subject: Subject) -> Figure:
        x = subject.test_x[: self.rows]
        back = np.asarray(subject.model.reconstruct(x)).reshape(len(x), -1)
        flat = x.reshape(len(x), -1)
        figure, axes = _columns.panels(
            subject.columns(9), across="held-out x", up=subject.shows[1]
        )
        size = float(np.clip(1500 / len(x), 5, 20))
        for j, ax in enumerate(axes):
            ax.scatter(
                flat[:, j], back[:, j], s=size, alpha=0.5, color=_style.ACCENT, linewidths=0,
                rasterized=True,
            )  # fmt: skip
            ends = [float(np.nanmin(flat[:, j])), float(np.nanmax(flat[:, j]))]
            ax.plot(ends, ends, color=_style.INK, lw=0.8, ls=(0, (4, 3)))
        _style.heading(
            figure, subject.title,
            f"Both axes in the column's unit; {len(x)} held-out rows. Dashed: x itself."
            + subject.columns_note(9) + subject.under("Each under its most probable class."),
        )  # fmt: skip
        return figure

    def _under(self, subject: Subject) -> str:
        return subject.under(
            f"Each under its most probable class; {subject.unit} are the mean over classes."
        )
