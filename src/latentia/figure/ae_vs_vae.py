"""An autoencoder against a variational one: two maps, and what the same draws decode to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from latentia import picture
from latentia.figure import _grid, _map, _style, _text
from latentia.figure.base import Array, Model, Peer, Plot, Subject, needs_latents

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["AeVsVae"]


_ACROSS = 6
_FILL = "#F5DFA8"  # of the disc
_MEND = "--against RUN takes the run of an autoencoder (or, for one, of a VAE)"


@dataclass(frozen=True)
class _Side:
    """One of the two models: its name, two latents, codes (n, 2) and draws (m, L) to decode."""

    model: Model
    title: str
    pair: Array
    points: Array
    draws: Array

    @property
    def reach(self) -> float:
        """How far from zero the map goes."""
        return _map.reach(self.points, contours=True)

    @property
    def inside(self) -> float:
        """The share of the codes within three standard deviations of N(0, I)."""
        return float(np.mean(np.linalg.norm(self.points, axis=1) <= 3))


@final
class AeVsVae(Plot):
    """The labelled maps of a VAE and a plain autoencoder with N(0, I), and decodes of its draws.

    Arguments:
        n: At most how many examples.
        rows: Rows of decodes below each map; six in a row.
        seed: The seed of the draws from N(0, I), the same for both.
    """

    def __init__(self, *, n: int = 3000, rows: int = 3, seed: int = 0) -> None:
        self.n, self.rows, self.seed = n, rows, seed

    def reason_not(self, subject: Subject) -> str:
        """Ask for one model of either kind, with a map each, and N(0, I) as the VAE's prior."""
        if not subject.others:
            return f"there is no second model to set against this one; {_MEND}"
        if reason := needs_latents(subject.model, 2):
            return reason
        if subject.open_class:
            return (
                "the class is a latent, and draws of the others are decoded under one; "
                "--condition NAME=VALUE says which"
            )
        kind = subject.model.is_generative
        others = [peer for peer in subject.others if peer.model.is_generative != kind]
        if not others:
            return f"one of the two must be a plain autoencoder and the other must not; {_MEND}"
        if all(needs_latents(peer.model, 2) for peer in others):
            return f"of the other model, {needs_latents(others[0].model, 2)}"
        if _rival(subject) is None:
            return "the variational one's prior is not N(0, I), from which both sides draw"
        return ""

    def compose(self, subject: Subject) -> Figure:
        """Draw the variational one on the left, whichever was given first."""
        sides = self._sides(subject)
        names, codes = _map.classes(subject, self.n)
        figure = _style.new_figure(6.2 if subject.is_image else 4.4)
        down = 2 if subject.is_image else 1
        grid = figure.add_gridspec(down, 2, height_ratios=(1.9, 1.0)[:down])
        for column, side in enumerate(sides):
            ax = figure.add_subplot(grid[0, column])
            self._map(ax, side, codes, names)
            if subject.is_image:
                below = figure.add_subplot(grid[1, column])
                self._decodes(below, side, subject)
        entries = _map.legend(names, contours=False)
        entries.append(
            Line2D(
                [], [], ls="", marker="o", ms=9, color=_FILL, mec=_style.INK, mew=1.4,
                label="N(0, I) to 3σ",
            )
        )  # fmt: skip
        inches = sum(0.38 + 0.08 * _text.width(str(entry.get_label())) for entry in entries)
        abreast = -(-len(entries) // -int(-inches // _style.WIDTH))
        figure.legend(
            handles=entries, loc="outside upper center", ncols=abreast, columnspacing=1.0,
            handlelength=1.2,
        )  # fmt: skip
        _style.heading(figure, "", _note(sides, len(codes), decoded=subject.is_image))
        return figure

    def _sides(self, subject: Subject) -> list[_Side]:
        other = _rival(subject)
        assert other is not None
        sides = []
        for peer in (subject.peer, other):
            model = peer.model
            x = subject.test_x[: self.n]
            pair = np.sort(_map.order(model, x[:1000]).latents[:2])
            points = np.asarray(model.transform(x))[:, pair]
            random = np.random.default_rng(self.seed)
            draws = random.standard_normal((self.rows * _ACROSS, model.latent_dim_))
            kind = "variational autoencoder" if model.is_generative else "autoencoder"
            sides.append(_Side(model, peer.title or kind, pair, points, draws))
        return sorted(sides, key=lambda side: not side.model.is_generative)

    def _map(self, ax: Axes, side: _Side, codes: Array, names: list[str]) -> None:
        """Draw codes, and the disc that nearly every draw from N(0, I) falls in."""
        _map.scatter(ax, side.points, codes, names, size=0.5 * _map.marker_size(len(codes)))
        ax.add_patch(Circle((0, 0), 3, fc=_FILL, ec="none", zorder=1))
        ax.add_patch(Circle((0, 0), 3, fill=False, ec="white", lw=2.6, alpha=0.8, zorder=4))
        ax.add_patch(Circle((0, 0), 3, fill=False, ec=_style.INK, lw=1.6, zorder=5))
        _map.square(ax, side.reach)
        ax.set_title(f"{_text.label(side.title, 36)}\n{side.inside:.0%} of the codes within 3σ")
        normal = side.model.is_generative
        ax.set_xlabel(_map.axis_label(side.pair[0], normal=normal))
        ax.set_ylabel(_map.axis_label(side.pair[1], normal=normal))

    def _decodes(self, ax: Axes, side: _Side, subject: Subject) -> None:
        made = picture.unit(np.asarray(side.model.inverse_transform(side.draws)), subject.span)
        rows = made.reshape(self.rows, _ACROSS, *made.shape[1:])
        cmap = picture.tone(subject.test_x, subject.span)
        _grid.show(ax, picture.mosaic(rows, gap=picture.gap(*rows.shape[2:4]), tone=cmap), cmap)
        ax.set_title("decoded draws from N(0, I)", fontsize=9)


def _rival(subject: Subject) -> Peer | None:
    """Return the first other model that can stand on the other side, if there is one."""
    for peer in subject.others:
        pair = sorted((subject.peer, peer), key=lambda one: not one.model.is_generative)
        left, right = pair
        if (
            left.model.is_generative
            and not right.model.is_generative
            and left.prior == "standard-normal"
            and not needs_latents(peer.model, 2)
        ):
            return peer
    return None


def _note(sides: list[_Side], n: int, *, decoded: bool) -> str:
    """Return what is seen: the scales, and what N(0, I) should hold."""
    left, right = (side.reach for side in sides)
    wide, times = ("right", right / left) if right >= left else ("left", left / right)
    scale = (
        "Both maps at nearly the same scale"
        if times < 1.15
        else f"The {wide} map spans {times:.1f} times the other"
    )
    note = f"Codes of the same {n} held-out examples"
    if any(len(side.draws[0]) > 2 for side in sides):
        note += " in the two latents used most"
    note += f". {scale}; the disc holds 99% of the draws from N(0, I) in both. "
    if decoded:
        note += "Below, the same draws decoded: they show only what lies in the disc."
    return note.strip()
