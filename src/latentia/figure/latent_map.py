"""The latent map: where the model puts held-out examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia.figure import _map, _style
from latentia.figure.base import Plot, Subject, needs_latents

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LatentMap"]


@final
class LatentMap(Plot):
    """Posterior means of held-out examples in two latents, by label, with the prior's contours.

    Arguments:
        n: At most how many examples.
    """

    def __init__(self, *, n: int = 3000) -> None:
        self.n = n

    def reason_not(self, subject: Subject) -> str:
        """Ask for two latents."""
        return needs_latents(subject.model, 2)

    def compose(self, subject: Subject) -> Figure:
        """Draw the map; of more than two latents, the two that are used most."""
        model, x = subject.model, subject.test_x[: self.n]
        latents, use = _map.order(model, x)
        pair = np.sort(latents[:2])
        points = np.asarray(model.transform(x))[:, pair]
        names, codes = _map.classes(subject, self.n)
        figure = _style.new_figure(5.6)
        ax = figure.add_subplot()
        _map.scatter(ax, points, codes, names, size=_map.marker_size(len(x)))
        _map.name_classes(ax, points, codes, names)
        if model.is_generative:
            _map.prior_contours(ax)
        _map.square(ax, _map.reach(points, contours=model.is_generative))
        ax.set_xlabel(_map.axis_label(pair[0], generative=model.is_generative))
        ax.set_ylabel(_map.axis_label(pair[1], generative=model.is_generative))
        entries = _map.legend(names, contours=model.is_generative)
        if names:
            figure.legend(handles=entries, loc="outside right center")
        note = f"Posterior means of {len(x)} held-out examples."
        if model.is_generative:
            note += " Dashed: the prior at 1, 2 and 3 standard deviations."
        if len(use) > 2:
            by = "KL" if model.is_generative else "variance"
            note += f" The two of {len(use)} latents with the highest {by}."
        _style.heading(figure, subject.title, note)
        return figure
