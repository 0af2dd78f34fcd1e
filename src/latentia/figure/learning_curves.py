"""Learning curves: the ELBO and its parts by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np
from matplotlib.ticker import MaxNLocator

from latentia.figure import _style
from latentia.figure.base import Plot, Subject, footnote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LearningCurves"]

_LOOK: dict[str, dict[str, Any]] = {
    "train": {"color": _style.SECOND, "ls": (0, (4, 1.5)), "label": "training"},
    "validation": {"color": _style.ACCENT, "ls": "-", "label": "validation"},
}
_NOISE = "All curves: from noisy input, as this model is trained."
_SMALL = {
    "reconstruction": "reconstruction (nats per example)",
    "kl": "KL (nats per example)",
    "log_pz": "log p(z) of the points (nats)",
    "active_units": "active latents",
    "learning_rate": "learning rate",
}


@final
class LearningCurves(Plot):
    """ELBO, reconstruction and KL in nats per example, and active latents, by epoch.

    Of points, which bound nothing: reconstruction and log p(z).

    Arguments:
        learning_rate: Whether to draw the learning rate as well.
    """

    under_one: ClassVar[bool] = False

    def __init__(self, *, learning_rate: bool = False) -> None:
        self.learning_rate = learning_rate

    def reason_not(self, subject: Subject) -> str:
        """Ask for the numbers of two epochs."""
        epochs = {row["epoch"] for row in subject.metrics}
        few = f"metrics of {len(epochs)} epoch{'' if len(epochs) == 1 else 's'}"
        return "" if len(epochs) >= 2 else f"the run has {few}, and a curve needs 2"

    def compose(self, subject: Subject) -> Figure:
        """Draw the ELBO large and its parts beside it; an autoencoder has no KL and no ELBO."""
        rows, star = subject.metrics, subject.star
        bound = subject.model.is_generative and any(_known(row, "elbo") for row in rows)
        large_key = "elbo" if bound else "reconstruction"
        small = [k for k in _SMALL if k != "learning_rate" or self.learning_rate]
        small = [k for k in small if k != large_key]
        if not subject.model.is_generative:
            small = [k for k in small if k == "learning_rate"]
        small = [k for k in small if any(_known(row, k) for row in rows)]
        note = _NOISE if subject.trained_on_noise else ""
        note = (note + footnote(subject.no_likelihood)).strip()
        figure = _style.new_figure(max(3.6, 1.35 * len(small)) + _style.note_height(note))
        grid = figure.add_gridspec(max(1, len(small)), 2, width_ratios=(1.25, 1))
        large = figure.add_subplot(grid[:, 0] if small else grid[:, :])
        _curves(large, rows, large_key, bins=8)
        name = "ELBO" if large_key == "elbo" else large_key
        large.set(xlabel="epoch", ylabel=f"{name}{star} ({subject.unit} per example)")
        _mark_best(large, rows, large_key, star)
        large.legend(loc="best")
        for i, key in enumerate(small):
            ax = figure.add_subplot(grid[i, 1], sharex=large)
            _curves(ax, rows, key)
            title = _SMALL[key]
            if key == "reconstruction":
                title = title.replace(key, key + star).replace("nats", subject.unit)
            ax.set_title(title, loc="left", fontsize=9)
            ax.tick_params(labelbottom=i == len(small) - 1)
            if i == len(small) - 1:
                ax.set_xlabel("epoch")
        _style.heading(figure, subject.title, note)
        return figure


def _known(row: dict[str, Any], key: str) -> bool:
    return row.get(key) is not None and bool(np.isfinite(row[key]))


def _curves(ax: Axes, rows: Sequence[dict[str, Any]], key: str, bins: int = 4) -> None:
    """Draw one number by epoch for each split; what is no number is left out."""
    for split, look in _LOOK.items():
        own = [row for row in rows if row["split"] == split and _known(row, key)]
        if own:
            ax.plot([row["epoch"] for row in own], [row[key] for row in own], **look)
    if key == "active_units":
        ax.set_ylim(0, 1.15 * max(1, *(row[key] for row in rows if _known(row, key))))
    ax.locator_params(axis="y", nbins=bins)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    _style.bounded(ax)


def _mark_best(ax: Axes, rows: Sequence[dict[str, Any]], key: str, star: str) -> None:
    """Mark the epoch of the highest validation curve (training, where there is no validation)."""
    own = [row for row in rows if _known(row, key)]
    own = [row for row in own if row["split"] == "validation"] or own
    if not own:
        return
    best = max(own, key=lambda row: row[key])
    split = "validation" if best["split"] == "validation" else "training"
    form = ".1f" if abs(best[key]) < 10000 else ".0f"
    nats, colour = _style.number(best[key], form), _LOOK[best["split"]]["color"]
    ax.plot(
        best["epoch"], best[key], "o", ms=6, color="white", mec=colour, mew=1.6, zorder=4,
        label=f"best {split}:\n{nats}{star} (epoch {best['epoch']})",
    )  # fmt: skip
