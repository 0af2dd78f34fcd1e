"""Maps of two latents: labelled examples, and the prior's contours around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from latentia.figure import _text
from latentia.figure._style import ACCENT, INK, MARKERS, PALETTE
from latentia.figure.base import Array, Model, Subject

__all__ = [
    "Use",
    "axis_label",
    "classes",
    "density_contours",
    "legend",
    "marker_size",
    "name_classes",
    "order",
    "prior_contours",
    "reach",
    "scatter",
    "square",
]

_DASHES = (0, (4, 3))
_MASSES = tuple(1 - float(np.exp(-(radius**2) / 2)) for radius in (1, 2, 3))
_HALO = [withStroke(linewidth=2.5, foreground="white")]


class Use(NamedTuple):
    """How much each latent is used, most used first.

    Arguments:
        latents: Positions (L,).
        amount: The use of each, in the same order (L,).
        by: What the amount is.
    """

    latents: Array
    amount: Array
    by: Literal["mean KL", "variance"]


def order(model: Model, x: Array) -> Use:
    """Return the latents, most used first, and how much each is used.

    They are ordered by their mean KL in nats; where the KL is no sum over latents, as with a
    mixture prior or without one, by the variance of the posterior means.

    Arguments:
        model: A fitted estimator.
        x: Examples (n, *shape).
    """
    kl = model.elbo(x, random_state=0).kl_per_dim if model.is_generative else None
    use = np.asarray(model.transform(x)).var(axis=0) if kl is None else kl.mean(axis=0)
    latents = np.argsort(-use, kind="stable")
    return Use(latents, use[latents], "variance" if kl is None else "mean KL")


def axis_label(latent: int | None, *, normal: bool) -> str:
    """Return the label of a latent's axis with its unit.

    Arguments:
        latent: Its position, counted from zero and written from one; `None` for any.
        normal: Whether the prior is N(0, I), so that its standard deviation is the unit.
    """
    name = "d" if latent is None else str(latent + 1)
    return f"$z_{{{name}}}$ ({'prior std. dev.' if normal else 'code units'})"


def classes(subject: Subject, n: int) -> tuple[list[str], Array]:
    """Return the labels' names and the class (n,) of each of the first n test examples.

    The names are as figures write them. Without labels, and with more than twenty different
    ones, all are of one class without a name.
    """
    none = np.zeros(min(n, len(subject.test_x)), dtype=int)
    if subject.test_y is None:
        return [], none
    values, codes = np.unique(subject.test_y, return_inverse=True)
    if len(values) > 20:
        return [], none
    named = subject.label_names
    names = [
        named[int(v)]
        if np.issubdtype(values.dtype, np.integer) and 0 <= v < len(named)
        else str(v)
        for v in values
    ]
    return [_text.label(name) for name in names], codes[:n]


def scatter(ax: Axes, points: Array, codes: Array, names: Sequence[str], *, size: float) -> None:
    """Draw examples by colour and marker of their class, in the order of the data.

    Arguments:
        ax: A panel.
        points: Positions (n, 2).
        codes: Classes (n,).
        names: The classes' names; none where the data have no labels.
        size: Area of a marker in points squared.
    """
    for k in range(max(1, len(names))):
        colour, marker = PALETTE[k % 10], MARKERS[(k + k // 10) % 10]
        own = points[codes == k]
        ax.scatter(
            own[:, 0], own[:, 1], s=size, color=colour if names else ACCENT, marker=marker,
            alpha=0.75, linewidths=0.05 * size**0.5, edgecolors="#333333", zorder=2,
            rasterized=True,
        )  # fmt: skip


def name_classes(ax: Axes, points: Array, codes: Array, names: Sequence[str]) -> None:
    """Write short names at their classes' medians, pushed apart where they would overlap."""
    if not names or len(names) > 12 or max(map(_text.width, names)) > 4:
        return
    present = np.unique(codes).tolist()
    places = np.stack([np.median(points[codes == k], axis=0) for k in present])
    apart = 0.12 * float(np.abs(points).max())
    for _ in range(50):
        steps = places[:, None] - places[None]
        distance = np.linalg.norm(steps, axis=-1, keepdims=True)
        close = (distance < apart) & (distance > 0)
        push = np.where(close, steps / np.where(distance == 0, 1, distance), 0.0)
        places = places + 0.1 * apart * push.sum(axis=1)
    for place, k in zip(places, present, strict=True):
        ax.text(
            float(place[0]), float(place[1]), names[k], ha="center", va="center",
            fontsize=12, fontweight="bold", zorder=5, path_effects=_HALO,
        )  # fmt: skip


def prior_contours(ax: Axes, *, clear_of: Array | None = None) -> None:
    """Draw the circles of one, two and three standard deviations of a standard normal prior.

    Arguments:
        ax: A panel.
        clear_of: Points (n, 2) from which the circles' names keep away; None for no names.
    """
    for radius in (1, 2, 3):
        ax.add_patch(Circle((0, 0), radius, fill=False, ec=INK, lw=0.8, ls=_DASHES, zorder=3))
    if clear_of is None:
        return
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False) + np.pi / 2
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places = ways[:, None] * np.array([1, 2, 3])[:, None]  # (24, 3, 2)
    room = np.linalg.norm(places[:, :, None] - clear_of, axis=-1).min(axis=2).min(axis=1)
    for radius, (x, y) in zip((1, 2, 3), places[int(np.argmax(room))].tolist(), strict=True):
        ax.text(
            x, y, f"{radius}σ", ha="center", va="center", fontsize=9, zorder=4,
            color="#444444", path_effects=_HALO,
        )  # fmt: skip


def density_contours(ax: Axes, log_prob: Callable[[Array], Array], least: float) -> float:
    """Draw the regions of highest density that hold 39%, 86% and 99% of a prior of two latents.

    A standard normal's are the circles of one, two and three standard deviations.

    Arguments:
        ax: A panel.
        log_prob: The log-density at points (n, 2), in nats, (n,).
        least: How far from zero to look at least; further, until nearly all the mass is seen.

    Returns:
        How far from zero the contours reach.
    """
    reach = least
    for _ in range(12):
        side = np.linspace(-reach, reach, 301)
        across, up = np.meshgrid(side, side)
        density = np.exp(log_prob(np.stack([across.ravel(), up.ravel()], axis=1)))
        if density.sum() * (side[1] - side[0]) ** 2 > 0.998:
            break
        reach *= 1.5
    falling = np.sort(density)[::-1]
    held = np.cumsum(falling) / falling.sum()
    levels = {float(falling[np.searchsorted(held, mass)]): f"{mass:.0%}" for mass in _MASSES}
    drawn = ax.contour(
        across, up, density.reshape(across.shape), levels=sorted(levels), colors=INK,
        linewidths=0.8, linestyles=[_DASHES], zorder=3,
    )  # fmt: skip
    for text in ax.clabel(drawn, fmt=levels, fontsize=9, colors="#444444"):
        text.set(path_effects=_HALO, zorder=4)
    outer = [float(np.abs(line).max()) for lines in drawn.allsegs for line in lines if len(line)]
    return max(outer, default=least)


def square(ax: Axes, reach: float, *, ticks: int = 8) -> None:
    """Show the same range of both latents, from -reach to reach, at the same scale."""
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10], integer=True))
    ax.tick_params(length=2.5)


def legend(names: Sequence[str], *, contours: bool) -> list[Line2D]:
    """Return the legend's entries: each class by colour and marker, and the prior's contours."""
    entries = [
        Line2D(
            [], [], ls="", marker=MARKERS[(k + k // 10) % 10], color=PALETTE[k % 10], label=name,
            markeredgewidth=0.3, markeredgecolor="#333333",
        )
        for k, name in enumerate(names)
    ]  # fmt: skip
    if contours:
        entries.append(Line2D([], [], color=INK, lw=0.8, ls=_DASHES, label="prior"))
    return entries


def marker_size(n: int) -> float:
    """Return the area in points squared at which n markers can still be told apart."""
    return float(np.clip(24000 / max(n, 1), 5.0, 26.0))


def reach(points: Array, *, contours: bool) -> float:
    """Return how far from zero a map must reach to show all its points (n, 2) and contours."""
    return 1.06 * max(float(np.abs(points).max()), 3.2 if contours else 0.0)
