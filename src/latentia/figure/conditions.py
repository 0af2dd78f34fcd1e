"""Conditions: the same latents under each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from latentia import picture
from latentia.figure import _grid, _text
from latentia.figure.base import Plot, Subject, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Conditions"]

# Deviations from the mean at which a number is shown.
_STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)


@final
class Conditions(Plot):
    """Down each column the same draw of the latents, under one condition after the other.

    What the condition says changes from row to row; what it leaves open stays the same down each
    column.

    Arguments:
        columns: Draws of the latents.
        rows: The most conditions that are shown.
        seed: The seed of the draws.
    """

    under_one: ClassVar[bool] = False

    def __init__(self, *, columns: int = 10, rows: int = 12, seed: int = 0) -> None:
        self.columns, self.rows, self.seed = columns, rows, seed

    def reason_not(self, subject: Subject) -> str:
        """Refuse a model of p(x), and tables."""
        if not subject.conditions or subject.given is None:
            return "this is a model of p(x), without conditions"
        return needs_images(subject)

    def compose(self, subject: Subject) -> Figure:
        """Draw a row for each class of the first condition, or for numbers around its mean."""
        assert subject.given is not None
        first, *others = subject.conditions
        values: list[str | float] = (
            list(first.classes[: self.rows])
            if first.classes
            else [first.mean + step * first.std for step in _STEPS]
        )
        fixed = {one.name: one.classes[0] if one.classes else one.mean for one in others}
        made = [
            np.asarray(
                subject.given({first.name: value, **fixed}).sample_mean(
                    self.columns, random_state=self.seed
                )
            )
            for value in values
        ]
        labels = [_text.label(v) if isinstance(v, str) else f"{v:.3g}" for v in values]
        figure, _ = _grid.grid_figure(
            picture.unit(np.stack(made), subject.span),
            cmap=picture.tone(subject.test_x, subject.span),
            row_labels=labels,
            heading=(subject.title, self._note(subject, first.name, fixed)),
        )
        return figure

    def _note(self, subject: Subject, name: str, fixed: dict[str, str | float]) -> str:
        rest = "".join(f", {key} {value}" for key, value in fixed.items())
        # Of p(z|c), z is another one under every condition.
        drawn = "the noise of z ~ p(z|c)" if subject.prior == "conditional" else "z"
        shown = subject.shows[1].replace("|z", "|z, c")
        return (
            f"{shown} for {self.columns} draws of {drawn}, the same down each column, under "
            f"each {_text.label(name)}{rest} (seed {self.seed})."
        )
