"""Reconstructions by latent size: the same examples through models with ever more latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, final

import numpy as np

from latentia import picture
from latentia.figure import _grid, _style, _text
from latentia.figure.base import Array, Model, Peer, Plot, Subject, footnote, needs_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ByLatentSize", "by_latent_size"]

_MEND = "--against RUN,RUN takes runs with other numbers of latents"


@final
class ByLatentSize(Plot):
    """Held-out examples and their reconstructions by models with different numbers of latents.

    Models of the other kind (autoencoders beside a VAE, and the reverse) are left out.

    Arguments:
        n: How many examples, each label in turn.
        average: Over how many examples the nats are averaged.
    """

    def __init__(self, *, n: int = 10, average: int = 1000) -> None:
        self.n, self.average = n, average

    def reason_not(self, subject: Subject) -> str:
        """Ask for images, and for other models of the same kind and other sizes."""
        if reason := needs_images(subject):
            return reason
        if not subject.others:
            return f"there are no other models to compare latent sizes with; {_MEND}"
        sizes = {peer.model.latent_dim_ for peer in _comparable(subject)}
        if len(sizes) > 1:
            return ""
        kind = "variational autoencoders" if subject.model.is_generative else "autoencoders"
        return f"all the {kind} here have {_latents(*sizes)}; {_MEND}"

    def compose(self, subject: Subject) -> Figure:
        """Draw a row for each model, fewest latents first."""
        order = np.concatenate([subject.pick(self.n), np.arange(len(subject.test_x))])
        unique = np.sort(np.unique(order, return_index=True)[1])
        x = subject.test_x[order[unique]][: self.average]
        under = subject.under(
            "Each under its most probable class; nats are the mean over classes."
        )
        return _draw(_comparable(subject), x, self.n, subject.title, subject.span, under)


def by_latent_size(models: Sequence[tuple[int, Model]], x: Array, *, n: int = 10) -> Figure:
    """Return the reproduction grid of models by latent size.

    Arguments:
        models: Pairs of a number of latents and a model with so many.
        x: Held-out images (m, H, W) or (m, H, W, 3); the nats are averaged over all of them.
        n: How many of them are drawn, from the first.
    """
    from latentia.figure._style import style

    with style():
        return _draw([Peer("", model) for _, model in models], x, n, "", (0.0, 1.0))


def _comparable(subject: Subject) -> list[Peer]:
    """Return the models of the subject's kind, its own first."""
    kind = subject.model.is_generative
    return [
        subject.peer, *(peer for peer in subject.others if peer.model.is_generative == kind)
    ]  # fmt: skip


def _latents(size: int) -> str:
    return f"{size} latent{'s' * (size != 1)}"


def _draw(
    peers: Sequence[Peer],
    x: Array,
    n: int,
    title: str,
    span: tuple[float, float],
    under: str = "",
) -> Figure:
    rows, labels = [picture.unit(x[:n], span)], ["input"]
    sizes = [peer.model.latent_dim_ for peer in peers]
    for peer in sorted(peers, key=lambda peer: peer.model.latent_dim_):
        model, size = peer.model, peer.model.latent_dim_
        rows.append(picture.unit(np.asarray(model.reconstruct(x[:n])), span))
        nats = float(np.mean(np.asarray(model.elbo(x, random_state=0).reconstruction)))
        name = f"{_text.label(peer.title, 16)}\n" if peer.title and sizes.count(size) > 1 else ""
        star = "*" if peer.no_likelihood else ""
        labels.append(f"{name}{_latents(size)}\n{_style.number(nats, '.1f')}{star} {peer.unit}")
    shown = " or ".join(dict.fromkeys(peer.shows[1] for peer in peers))
    units = " or ".join(dict.fromkeys(peer.unit for peer in peers))
    note = (
        f"Reconstructions {shown} of held-out examples; the {units} are the reconstruction term "
    )
    note += f"of the ELBO, the mean of {len(x)} held-out examples."
    note += under + footnote(*(peer.no_likelihood for peer in peers))
    figure, _ = _grid.grid_figure(
        np.stack(rows), cmap=picture.tone(x, span), row_labels=labels, heading=(title, note)
    )
    return figure
