"""The figure of rate and distortion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.figure import _style
from latentia.lab._water import Level, water_filling

__all__ = ["draw_bound", "draw_curve", "draw_linear", "draw_spectra"]

Array = npt.NDArray[Any]


def draw_curve(ax: Any, betas: list[float], rate: list[float], far: list[float]) -> None:
    """Draw distortion over rate, and the line of slope -1 that the best bound lies on."""
    best = min(r + d for r, d in zip(rate, far, strict=True))
    ends = np.array([0, 1.12 * max(rate)])
    ax.plot(ends, best - ends, color="#888888", linewidth=1)
    ax.text(0.5, 0.03, f"R + D = {best:.1f}", transform=ax.transAxes, ha="center", color="#555555")
    ax.plot(rate, far, "o-", color=_style.ACCENT, markersize=5)
    for beta, r, d in zip(betas, rate, far, strict=True):
        ax.annotate(f"β = {beta:g}", (r, d), **_beside(beta != betas[-2]))
    ax.set(xlabel="rate R (nats)", ylabel="distortion D (nats)", xlim=(-3, 1.3 * max(rate)))
    ax.set_ylim(top=max(far) + 0.12 * (max(far) - min(far)))


def draw_bound(ax: Any, betas: Sequence[float], bounds: Array) -> None:
    """Draw the bound of models of every seed, (S, betas)."""
    for values in bounds:
        ax.plot(betas, values, "o-", color=_style.ACCENT, markersize=4, linewidth=1)
    ax.axvline(1, color=_style.INK, linewidth=0.8)
    _plain_log(ax, betas)
    ax.set(xlabel="β in training, one line a seed", ylabel="bound, −(D + R) (nats)")


def draw_spectra(ax: Any, betas: Sequence[float], spectra: Sequence[Array]) -> None:
    """Draw the KL of every latent, on a logarithmic axis, with the name beside each line."""
    for number, (beta, spectrum) in enumerate(zip(betas, spectra, strict=True)):
        style = {"color": _style.PALETTE[number], "marker": _style.MARKERS[number]}
        order = np.arange(1, len(spectrum) + 1)
        ax.plot(order, spectrum, markersize=3, **style)
        ax.annotate(f"β = {beta:g}", (order[-1], spectrum[-1]), **_beside(number == 0))
    ax.set_yscale("log")
    ax.set(xlabel="latents, by their KL", ylabel="KL of one latent (nats)")
    ax.set_xlim(0, 1.3 * len(spectra[0]))
    ax.set_xticks([1, *range(5, len(spectra[0]) + 1, 5)])
    ax.minorticks_off()


def draw_linear(ax: Any, levels: Sequence[Level], spectrum: Array) -> None:
    """Draw the rate of linear models over the water level, and what theory says."""
    ticks = [one.level for one in levels]
    at = np.geomspace(ticks[0], ticks[-1], 200)
    theory = [water_filling(spectrum, level).sum() for level in at]
    ax.plot(at, theory, color=_style.INK, linewidth=1, label="theory")
    rate = [one.rate[0] for one in levels]
    ax.plot(ticks, rate, "o", color=_style.SECOND, markersize=5, label="linear VAEs, trained")
    _plain_log(ax, ticks)
    ax.set(xlabel="βσ² (grey squared)", ylabel="rate R (nats)")
    ax.legend()


def _beside(above: bool) -> dict[str, Any]:
    where = (6, 5) if above else (6, -3)
    return {"xytext": where, "textcoords": "offset points", "fontsize": 8}


def _plain_log(ax: Any, ticks: Sequence[float]) -> None:
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
