"""Groups: what each group of a ladder adds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _grid
from latentia.figure.base import Plot, Subject, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Groups"]

# Examples whose KL is averaged.
_MANY = 500


@final
class Groups(Plot):
    """Reconstructions from the first groups of a ladder alone, and the nats that each costs.

    From left to right one group after the other is told of x; those that are not stay at the mean
    that the groups above them make most probable.

    Arguments:
        rows: Examples.
        columns: The most steps that are shown; the last is all groups.
    """

    def __init__(self, *, rows: int = 8, columns: int = 10) -> None:
        self.rows, self.columns = rows, columns

    def reason_not(self, subject: Subject) -> str:
        """Refuse latents that stand in no groups."""
        if not subject.groups:
            return "the latents stand in no groups; a ladder's do (--network ladder)"
        if subject.model.elbo(subject.test_x[:1], random_state=0).kl_per_dim is None:
            return "the KL is no sum over groups"
        return needs_images(subject)

    def compose(self, subject: Subject) -> Figure:
        """Draw examples, and what is known of them after each group."""
        assert subject.by_group is not None
        x = np.asarray(subject.test_x)[subject.pick(self.rows)]
        steps = np.asarray(subject.by_group(x))
        shown = _spread(len(steps), self.columns)
        own = np.asarray(x, dtype=np.float32) / (255 if x.dtype == np.uint8 else 1)
        parts = [own, *(steps[step] for step in shown)]
        rows = np.stack([picture.unit(part.reshape(own.shape), subject.span) for part in parts], 1)
        cost = self._cost(subject)
        labels = ["x", *("none" if not step else _told(cost, step) for step in shown)]
        figure, _ = _grid.grid_figure(
            rows,
            cmap=picture.tone(subject.test_x, subject.span),
            column_labels=labels,
            heading=(subject.title, self._note(subject, cost)),
        )
        return figure

    def _cost(self, subject: Subject) -> np.ndarray:
        """Return the mean KL of each group, in nats."""
        per_dim = subject.model.elbo(subject.test_x[:_MANY], random_state=0).kl_per_dim
        assert per_dim is not None
        edges = np.cumsum([0, *subject.groups])
        mean = per_dim.mean(0)
        return np.array([mean[a:b].sum() for a, b in pairwise(edges)])

    def _note(self, subject: Subject, cost: np.ndarray) -> str:
        return (
            f"x, then {subject.shows[1]} when the first groups of {len(cost)} see x and the "
            "others stay at their means. Below, the KL of these groups in nats: "
            f"{cost.sum():.1f} of all."
        )


def _spread(count: int, most: int) -> list[int]:
    """Return at most so many of 0, ..., count - 1, the first and the last among them.

    Example:
        >>> _spread(4, 10), _spread(9, 3)
        ([0, 1, 2, 3], [0, 4, 8])
    """
    if count <= most:
        return list(range(count))
    return sorted({round(step) for step in np.linspace(0, count - 1, max(2, most)).tolist()})


def _told(cost: np.ndarray, step: int) -> str:
    return f"1 to {step}\n{cost[:step].sum():.1f}" if step > 1 else f"1\n{cost[:1].sum():.1f}"
