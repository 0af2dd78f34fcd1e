"""Denoising: clean examples, the same with noise, and what the model restores."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _grid
from latentia.figure.base import Array, Plot, Subject, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Denoising"]


@final
class Denoising(Plot):
    """Held-out input, its noisy copy and the restored one, in three rows.

    Arguments:
        n: How many examples, each label in turn.
        seed: The seed of the noise.
    """

    def __init__(self, *, n: int = 10, seed: int = 0) -> None:
        self.n, self.seed = n, seed

    def reason_not(self, subject: Subject) -> str:
        """Ask for images, and for noise that is known."""
        if reason := needs_images(subject):
            return reason
        if subject.corruption is not None:
            return ""
        return "the run was trained without noise; --noise RATE adds salt-and-pepper to its input"

    def compose(self, subject: Subject) -> Figure:
        """Draw the triptych, with each row's distance from the clean input."""
        assert subject.corruption is not None
        x = subject.test_x[subject.pick(self.n)]
        noisy = subject.corruption(x, self.seed)
        restored = np.asarray(subject.model.reconstruct(noisy))
        rows = [picture.unit(each, subject.span) for each in (x, noisy, restored)]
        clean = rows[0]
        figure, _ = _grid.grid_figure(
            np.stack(rows),
            cmap=picture.tone(subject.test_x, subject.span),
            row_labels=[
                "input",
                f"noisy\n(rms {_rms(rows[1], clean):.3f})",
                f"restored\n(rms {_rms(rows[2], clean):.3f})",
            ],
            heading=(
                subject.title,
                "Held-out examples; in brackets, the root mean square distance from the input "
                f"in intensity (0\u00a0to\u00a01). Noise seed {self.seed}."
                + subject.under("Restored under the most probable class of the noisy one."),
            ),
        )
        return figure


def _rms(a: Array, b: Array) -> float:
    return float(np.sqrt(np.mean((a - b) ** 2)))
