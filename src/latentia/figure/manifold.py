"""The manifold: what each place of a two-dimensional latent space decodes to."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _grid, _style
from latentia.figure.base import Array, Model, Plot, Subject, needs_images, needs_normal_prior
from latentia.picture import Tone

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Manifold", "draw_manifold"]

_MARKS = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)


@final
class Manifold(Plot):
    """Decodes E[x|z] on a grid of the prior's quantiles, for a model with two latents.

    Arguments:
        n: Pictures in a row and in a column.
    """

    def __init__(self, *, n: int = 20) -> None:
        self.n = n

    @property
    def decodes(self) -> bool:
        """Yes."""
        return True

    def reason_not(self, subject: Subject) -> str:
        """Ask for images, N(0, I) as the prior, and two latents."""
        if reason := needs_images(subject):
            return reason
        if reason := needs_normal_prior(subject):
            return reason
        found = subject.model.latent_dim_
        return (
            ""
            if found == 2
            else f"the latent space has {found} dimension{'s' * (found != 1)}, not 2"
        )

    def compose(self, subject: Subject) -> Figure:
        """Draw the grid, labelled by the values of both latents."""
        figure = _style.new_figure(6.8)
        ax = figure.add_subplot()
        cmap = picture.tone(subject.test_x, subject.span)
        draw_manifold(ax, subject.model, n=self.n, span=subject.span, cmap=cmap)
        ax.set_xlabel("$z_1$ (prior std. dev.)")
        ax.set_ylabel("$z_2$ (prior std. dev.)")
        _style.heading(
            figure, subject.title,
            f"{' '.join(subject.shows)} at {self.n} × {self.n} quantiles of the prior: each "
            "picture stands for an equal share of the prior's probability."
            + subject.under(""),
        )  # fmt: skip
        return figure


def draw_manifold(
    ax: Axes, model: Model, *, n: int, span: tuple[float, float], cmap: Tone
) -> None:
    """Draw a two-dimensional manifold on a panel, with ticks at round values of the latents.

    Arguments:
        ax: A panel.
        model: A model with two latents.
        n: Pictures in a row and in a column.
        span: The values that are drawn black and white where images are floats.
        cmap: The colour map of grey pictures.
    """
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / n) for i in range(n)])
    across, up = np.meshgrid(quantiles, quantiles[::-1])  # the first row is the top one
    decoded = model.inverse_transform(np.stack([across.ravel(), up.ravel()], axis=1))
    made: Array = picture.unit(np.asarray(decoded), span)
    height, width = made.shape[1:3]
    _grid.show(ax, picture.mosaic(made.reshape(n, n, *made.shape[1:]), gap=0, tone=cmap), cmap)
    marks = [z for z in _MARKS if 0.5 / n <= NormalDist().cdf(z) <= 1 - 0.5 / n]
    share = np.array([NormalDist().cdf(z) for z in marks])
    names = [f"{z:g}".replace("-", "−") for z in marks]
    ax.set_xticks(share * n * width - 0.5, names)
    ax.set_yticks((1 - share) * n * height - 0.5, names)
    ax.tick_params(length=3)
