"""The latent map: where the model puts held-out examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia.figure import _map, _style
from latentia.figure.base import Plot, Subject, needs_latents

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LatentMap"]

_NOTE = "{what} of {n} held-out examples."


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
        use = _map.order(model, x)
        pair = np.sort(use.latents[:2])
        points = np.asarray(model.transform(x))[:, pair]
        names, codes = _map.classes(subject, self.n)
        figure = _style.new_figure(5.6)
        ax = figure.add_subplot()
        _map.scatter(ax, points, codes, names, size=_map.marker_size(len(x)))
        _map.name_classes(ax, points, codes, names)
        what = "Posterior means" if model.is_generative else "Codes"
        normal, log_prob = subject.has_normal_prior, subject.prior_log_prob
        reach, note = _map.reach(points, contours=normal), _NOTE.format(n=len(x), what=what)
        contours = True
        if normal:
            _map.prior_contours(ax, clear_of=points)
            note += " Dashed: the prior at 1, 2 and 3 standard deviations."
        elif log_prob and model.latent_dim_ == 2 and subject.space == "real":
            reach = max(reach, 1.06 * _map.density_contours(ax, log_prob, reach))
            note += " Dashed: where the prior is densest, with 39%, 86% and 99% of its mass."
        else:
            contours = False
            if model.is_generative:
                note += f" The {subject.prior} prior of all latents is not drawn."
        _map.square(ax, reach)
        ax.set_xlabel(_map.axis_label(pair[0], normal=normal))
        ax.set_ylabel(_map.axis_label(pair[1], normal=normal))
        entries = _map.legend(names, contours=contours)
        if names:
            figure.legend(handles=entries, loc="outside right center")
        if model.latent_dim_ > 2:
            note += f" The two of {model.latent_dim_} latents with the highest {use.by}."
        note += subject.under("Each under its most probable class.")
        _style.heading(figure, subject.title, note)
        return figure
