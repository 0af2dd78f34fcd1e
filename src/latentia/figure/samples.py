"""Samples: what the model makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _columns, _grid, _style
from latentia.figure.base import Plot, Subject

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Samples"]

_DRAWN = "Each under a class of its own, drawn from p(y)."


@final
class Samples(Plot):
    """New examples made from draws of the prior.

    Arguments:
        rows: Rows of pictures.
        columns: Pictures in a row.
        seed: The seed of the draws.
        draws: Whether to draw x from p(x|z), noise and all, where the default shows E[x|z] if
            the decoder has a mean.
    """

    def __init__(
        self, *, rows: int = 6, columns: int = 10, seed: int = 0, draws: bool = False
    ) -> None:
        self.rows, self.columns, self.seed, self.draws = rows, columns, seed, draws

    def reason_not(self, subject: Subject) -> str:
        """Refuse a plain autoencoder: it has no prior."""
        return "" if subject.model.is_generative else "a plain autoencoder has no prior to sample"

    def compose(self, subject: Subject) -> Figure:
        """Draw a grid of pictures, or each column's distribution beside the data's."""
        return self._pictures(subject) if subject.is_image else self._columns(subject)

    def _pictures(self, subject: Subject) -> Figure:
        n = self.rows * self.columns
        draws = self.draws or not subject.has_mean
        make = subject.model.sample if draws else subject.model.sample_mean
        made = picture.unit(np.asarray(make(n, random_state=self.seed)), subject.span)
        what = "Draws from p(x|z)" if draws else f"{' '.join(subject.shows)}, not draws,"
        figure, _ = _grid.grid_figure(
            made.reshape(self.rows, self.columns, *made.shape[1:]),
            cmap=picture.tone(subject.test_x, subject.span),
            heading=(
                subject.title,
                f"{what} for {n} draws z from the prior, none chosen by hand (seed {self.seed})."
                + subject.under(_DRAWN),
            ),
        )
        return figure

    def _columns(self, subject: Subject) -> Figure:
        data = subject.test_x.reshape(len(subject.test_x), -1)
        made = np.asarray(subject.model.sample(len(data), random_state=self.seed))
        made = made.reshape(len(data), -1)
        figure, axes = _columns.panels(
            subject.columns(9), across="x (column's unit)", up="density"
        )
        n_bins = int(np.clip(np.sqrt(len(data)), 8, 40))
        for j, ax in enumerate(axes):
            own, new = data[:, j], made[:, j]
            own = own[np.isfinite(own.astype(float))]
            low, high = np.quantile(np.concatenate([own, new]), (0.001, 0.999))
            bins = np.linspace(low, high if high > low else low + 1.0, n_bins + 1).tolist()
            ax.hist(own, bins, density=True, color="#C9C9C9", label="held-out data")
            ax.hist(
                new, bins, density=True, histtype="step", color=_style.ACCENT, lw=1.6,
                label="samples",
            )  # fmt: skip
            ax.locator_params(axis="y", nbins=3)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        _style.heading(
            figure, subject.title,
            f"Density per unit of each column: {len(data)} held-out rows and as many draws from "
            f"the model (seed {self.seed}).{subject.columns_note(9)}{subject.under(_DRAWN)}",
        )  # fmt: skip
        return figure
