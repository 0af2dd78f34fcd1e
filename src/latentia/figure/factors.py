"""Factors: which latent tells of which known factor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from latentia.errors import DataError
from latentia.figure import _style, _text
from latentia.figure.base import Array, Plot, Subject

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latentia.evaluation.factors import Factors as Known

__all__ = ["Factors"]


@final
class Factors(Plot):
    """The mutual information of each latent and each known factor, and the gap that it leaves.

    A cell is the information of the posterior means, in 20 bins, in nats; its shade is the share
    of the factor's entropy. In a row of one dark cell the factor is in one latent.

    Arguments:
        n: At most how many examples.
        latents: At most how many latents, those that tell the most.
    """

    least: ClassVar[Mapping[str, int]] = {"n": 100}

    def __init__(self, *, n: int = 5000, latents: int = 12) -> None:
        self.n, self.latents = n, latents

    def reason_not(self, subject: Subject) -> str:
        """Refuse data of which no factors are known, or too few examples of some value."""
        if not subject.factors:
            return "no factors of these data are known; those of the set sprites are"
        if subject.open_class:
            return (
                "the class is a latent, and the other latents have a meaning under it; "
                "--condition NAME=VALUE says one"
            )
        try:
            self._known(subject)
        except DataError as error:
            return f"{error.what[0].lower()}{error.what[1:].rstrip('.')}"
        return ""

    def compose(self, subject: Subject) -> Figure:
        """Draw a row for each factor and a column for each latent."""
        from latentia.evaluation.disentanglement import active_codes
        from latentia.evaluation.mutual_information import entropies, gap, information

        known = self._known(subject)
        means = np.asarray(subject.model.transform(subject.test_x[: self.n]), dtype=float)
        codes, active = active_codes(means)
        entropy, told = entropies(known), information(codes, known)
        shown = np.sort(np.argsort(-(told / entropy).max(1), kind="stable")[: self.latents])
        figure = self._drawn(known.names, shown, told[shown].T, entropy)
        figure.axes[0].set_title(
            f"mutual information gap {gap(told, entropy):.3f}, {active} of {len(told)} latents "
            "active",
            loc="left",
        )
        rest = "" if len(shown) == len(told) else f" The {len(shown)} that tell the most."
        _style.heading(
            figure,
            subject.title,
            f"Nats that a latent's posterior mean tells of a factor, in 20 bins, of {len(codes)} "
            f"held-out examples; shade: the share of the factor's entropy.{rest}"
            + subject.under(""),
        )
        return figure

    def _known(self, subject: Subject) -> Known:
        from latentia.evaluation.factors import Factors as Known

        return Known.of({name: values[: self.n] for name, values in subject.factors.items()})

    def _drawn(self, names: tuple[str, ...], shown: Array, told: Array, entropy: Array) -> Figure:
        figure = _style.new_figure(min(8.4, 1.5 + 0.36 * len(names)))
        ax = figure.add_subplot()
        share = told / entropy[:, None]
        image = ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, column), nats in np.ndenumerate(told):
            ink = "white" if share[row, column] > 0.55 else _style.INK
            ax.text(column, row, f"{nats:.2f}", ha="center", va="center", fontsize=9, color=ink)
        ax.set_xticks(range(len(shown)), [f"$z_{{{d + 1}}}$" for d in shown])
        labels = [f"{_text.label(name)} ({h:.2f})" for name, h in zip(names, entropy, strict=True)]
        ax.set_yticks(range(len(names)), labels)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        figure.colorbar(image, ax=ax, label="share", ticks=[0, 0.5, 1])
        return figure
