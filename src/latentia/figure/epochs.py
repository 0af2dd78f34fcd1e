"""Epochs: how the latent space came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

import numpy as np

from latentia import picture
from latentia.figure import _map, _style
from latentia.figure.base import Model, Plot, Subject, needs_latents
from latentia.figure.manifold import Manifold, draw_manifold

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Epochs"]


@final
class Epochs(Plot):
    """The latent map, or the manifold, at several epochs of training.

    Arguments:
        kind: `map` for labelled test data, `manifold` for decodes on the prior's quantiles.
        panels: At most how many epochs, evenly spaced from the first kept to the last.
        n: At most how many examples on a map.
    """

    def __init__(
        self, *, kind: Literal["map", "manifold"] = "map", panels: int = 6, n: int = 2000
    ) -> None:
        self.kind, self.panels, self.n = kind, panels, n

    @property
    def decodes(self) -> bool:
        """Whether it draws manifolds."""
        return self.kind == "manifold"

    def reason_not(self, subject: Subject) -> str:
        """Ask for two snapshots, and what the drawn kind needs."""
        kept = len(subject.snapshots)
        if kept < 2:
            return (
                f"the run kept {kept or 'no'} snapshot{'s' * (kept != 1)}, and epochs need 2; "
                "training with --snapshots keeps one of each epoch"
            )
        return (
            Manifold().reason_not(subject)
            if self.kind == "manifold"
            else needs_latents(subject.model, 2)
        )

    def compose(self, subject: Subject) -> Figure:
        """Draw one panel per epoch, all at the same scale."""
        last = len(subject.snapshots) - 1
        shown = np.unique(np.linspace(0, last, min(self.panels, last + 1)).round().astype(int))
        snapshots = [subject.snapshots[i] for i in shown]
        if self.kind == "manifold":
            return self._manifolds(subject, snapshots)
        return self._maps(subject, snapshots)

    def _maps(self, subject: Subject, snapshots: list[tuple[int, Model]]) -> Figure:
        x = subject.test_x[: self.n]
        normal = subject.has_normal_prior
        pair = np.sort(_map.order(snapshots[-1][1], x[:1000]).latents[:2])
        maps = [np.asarray(model.transform(x))[:, pair] for _, model in snapshots]
        reach = max(_map.reach(points, contours=normal) for points in maps)
        names, codes = _map.classes(subject, self.n)
        figure, axes = _panels([epoch for epoch, _ in snapshots])
        for ax, points in zip(axes, maps, strict=True):
            _map.scatter(ax, points, codes, names, size=0.5 * _map.marker_size(len(x)))
            if normal:
                _map.prior_contours(ax)
            _map.square(ax, reach, ticks=4)
        across = _style.abreast(len(axes))
        for i, ax in enumerate(axes):
            ax.label_outer()
            if i % across == 0:
                ax.set_ylabel(_map.axis_label(pair[1], normal=normal))
            if i + across >= len(axes):
                ax.tick_params(labelbottom=True)
                ax.set_xlabel(_map.axis_label(pair[0], normal=normal))
        entries = _map.legend(names, contours=normal)
        if entries:
            figure.legend(handles=entries, loc="outside right center")
        what = "Posterior means" if subject.model.is_generative else "Codes"
        note = f"{what} of {len(x)} held-out examples."
        if normal:
            note += " Dashed: the prior at 1, 2 and 3 standard deviations."
        elif subject.model.is_generative:
            note += f" The {subject.prior} prior, which moves with the epochs, is not drawn."
        note += subject.under("Each under the class that was the most probable at its epoch.")
        _style.heading(figure, subject.title, note)
        return figure

    def _manifolds(self, subject: Subject, snapshots: list[tuple[int, Model]]) -> Figure:
        figure, axes = _panels([epoch for epoch, _ in snapshots])
        for ax, (_, model) in zip(axes, snapshots, strict=True):
            draw_manifold(
                ax,
                model,
                n=10,
                span=subject.span,
                cmap=picture.tone(subject.test_x, subject.span),
            )
            ax.set_xticks([])
            ax.set_yticks([])
        _style.heading(
            figure, subject.title,
            f"{' '.join(subject.shows)} at 10 × 10 quantiles of the prior; $z_1$ across, "
            f"$z_2$ upward.{subject.under('')}",
        )  # fmt: skip
        return figure


def _panels(epochs: list[int]) -> tuple[Figure, list[Axes]]:
    """Return a figure with one square panel per epoch, at most three abreast."""
    across = _style.abreast(len(epochs))
    down = -(-len(epochs) // across)
    figure = _style.new_figure(1.1 + down * 5.6 / across)
    axes = [figure.add_subplot(down, across, i + 1) for i in range(len(epochs))]
    for ax, epoch in zip(axes, epochs, strict=True):
        ax.set_title(f"epoch {epoch}")
    return figure, axes
