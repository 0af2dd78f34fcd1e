"""Reconstructions by latent size: the same examples through models with ever more latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, final

import numpy as np

from latentia.figure import _grid, _style
from latentia.figure.base import Array, Model, Plot, Subject, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ByLatentSize", "by_latent_size"]


@final
class ByLatentSize(Plot):
    """Held-out examples and their reconstructions by models with different numbers of latents.

    Arguments:
        n: How many examples, each label in turn.
        average: Over how many examples the nats are averaged.
    """

    def __init__(self, *, n: int = 10, average: int = 1000) -> None:
        self.n, self.average = n, average

    def reason_not(self, subject: Subject) -> str:
        """Ask for images, and for other models to compare with."""
        if reason := needs_images(subject):
            return reason
        return "" if subject.others else "there are no other models to compare latent sizes with"

    def compose(self, subject: Subject) -> Figure:
        """Draw a row for each model, fewest latents first."""
        models = [subject.model, *(model for _, model in subject.others)]
        order = np.concatenate([subject.pick(self.n), np.arange(len(subject.test_x))])
        unique = np.sort(np.unique(order, return_index=True)[1])
        return _draw(
            [(model.n_components, model) for model in models],
            subject.test_x[order[unique]][: self.average], self.n, subject.title,
        )  # fmt: skip


def by_latent_size(models: Sequence[tuple[int, Model]], x: Array, *, n: int = 10) -> Figure:
    """Return the reproduction grid of models by latent size.

    Arguments:
        models: Pairs of a number of latents and a model with so many.
        x: Held-out images (m, H, W) or (m, H, W, 3); the nats are averaged over all of them.
        n: How many of them are drawn, from the first.
    """
    from latentia.figure._style import style

    with style():
        return _draw(models, x, n, "")


def _draw(models: Sequence[tuple[int, Model]], x: Array, n: int, title: str) -> Figure:
    rows, labels = [_grid.pictures(x[:n])], ["input"]
    for size, model in sorted(models, key=lambda pair: pair[0]):
        rows.append(_grid.pictures(np.asarray(model.reconstruct(x[:n]))))
        nats = float(np.mean(np.asarray(model.elbo(x, random_state=0).reconstruction)))
        labels.append(f"{size} latent{'s' * (size != 1)}\n{_style.number(nats, '.1f')} nats")
    note = "Reconstructions E[x|z] of held-out examples; the nats are the reconstruction term "
    note += f"of the ELBO, the mean of {len(x)} held-out examples."
    figure, _ = _grid.grid_figure(
        np.stack(rows), cmap=_grid.colours(x), row_labels=labels, heading=(title, note)
    )
    return figure
