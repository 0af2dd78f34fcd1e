"""The default structure: which numbers of which decoders may be compared."""

from __future__ import annotations

from itertools import combinations
from math import log
from typing import Any, Literal, NamedTuple, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.figure import Figure
from torch import Tensor

from latentia.distribution.continuous_bernoulli import ContinuousBernoulli
from latentia.errors import UsageError
from latentia.estimator.base import Estimator
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._rulers import (
    Ruler,
    decoded,
    farthest_from_one,
    log_mass_of_greys,
    moved_by_units,
    ruler_of,
    scored_black_and_white,
)
from latentia.lab.base import Check, Experiment, Finding

__all__ = ["DefaultStructure", "Scored", "checks", "pairs"]

Array = npt.NDArray[Any]

_L = 20
_NETWORK = {"name": "mlp", "hidden": (256,)}
# Every model takes this part of the bench's steps.
_SHARE = 4
_DEFAULT, _GREY, _GAUSSIAN = "Bernoulli", "Bernoulli on greys", "Gaussian"
_DECODERS: dict[str, dict[str, Any]] = {
    _DEFAULT: {"likelihood": "bernoulli", "binarize": "dynamic"},
    _GREY: {"likelihood": "bernoulli", "binarize": "none"},
    "continuous Bernoulli": {"likelihood": "continuous-bernoulli", "binarize": "none"},
    _GAUSSIAN: {"likelihood": "gaussian", "binarize": "none"},
    "discretized logistic": {"likelihood": "discretized-logistic", "binarize": "none"},
}
# The values of a pixel whose probabilities must sum to one.
_LEVELS = {_DEFAULT: 2, "discretized logistic": 256}
# Pixels from 0 to 255 instead of from 0 to 1.
_UNIT = 255.0


class Scored(NamedTuple):
    """What a decoder got on n test images.

    Arguments:
        ruler: What its own number is.
        own: That number in nats, greys between 0 and 1, (n,).
        moved: By how much it moves if greys go from 0 to 255, (n,), or None of no density.
        common: A bound on the log-probability of one black-and-white draw in nats, (n,).
        squared: Squared error of the reconstruction of greys, (n,).
    """

    ruler: Ruler
    own: Array
    moved: Array | None
    common: Array
    squared: Array


@final
class DefaultStructure(Experiment):
    r"""A Bernoulli decoder is a likelihood of binary images; other decoders use other rulers.

    .. math:: \sum_{x \in \{0, 1\}} p^x (1 - p)^{1 - x} = 1, \qquad
        \int_0^1 p^x (1 - p)^{1 - x} dx = \frac{1}{C(p)} < 1

    .. math:: \log p_Y(y) = \log p_X(x) - D \log 255, \quad y = 255 x

    The same Gaussian encoder with five decoders on the same digits. Numbers compare if they are
    probabilities of the same x, or densities of it in the same unit. A density moves with the
    unit, and so does its place in a ranking; a probability does not. The cross-entropy of greys
    is neither: it lacks the constant C of the continuous Bernoulli. Two rulers are common to all:
    the probability of the same black-and-white draws, with every decoder's mean read as the
    probability of ink, and the squared error of reconstructions.

    Arguments:
        n: Test images.

    References:
        Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019; Theis et al., "A note on
        the evaluation of generative models", 2016.

    Example:
        >>> DefaultStructure(n=500).n
        500
    """

    def __init__(self, *, n: int = 1000) -> None:
        if n < 2:
            raise UsageError(
                f"There is nothing to compare with n={n}.",
                where="--default-structure.n",
                how="Use at least two images.",
            )
        self.n = n

    def run(self, bench: Bench) -> Finding:
        """Train every decoder, and measure it on its own ruler and on common ones."""
        short = bench.other(steps=max(1, bench.steps // _SHARE))
        x = bench.some(self.n).x
        drawn = bench.draw(x)
        scored: dict[str, Scored] = {}
        p: dict[str, Any] = {}
        for name, options in _DECODERS.items():
            model = short.model(n_components=_L, network=_NETWORK, **options)
            scored[name], p[name] = _scored(model, x, drawn, bench.seed)
        logits = p[_GREY].base_dist.logits
        mass = log_mass_of_greys(logits)
        constant = ContinuousBernoulli(logits.double()).log_constant().flatten(1).sum(1).numpy()
        off = {name: farthest_from_one(p[name], k) for name, k in _LEVELS.items()}
        numbers = _told(scored) | {
            "n": len(x),
            "steps": short.steps,
            "latents": _L,
            "dimensions": x[0].size,
            "log_255": log(_UNIT),
            "move_of_a_density": -x[0].size * log(_UNIT),
            "mass_of_greys": float(mass.mean()),
            "total_probability_off_by": off,
        }
        every = (*_mass_checks(off, mass, constant), *checks(scored, x[0].size))
        return Finding(every, numbers, {"scored": scored})

    def draw(self, finding: Finding) -> Figure:
        """Draw the numbers on their own rulers and on common ones, and the mass of greys."""
        figure = _style.new_figure(5.4)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1.1, 1))
        scored: dict[str, Scored] = finding.picture["scored"]
        own, common, squared = halves[0].subplots(1, 3, sharey=True)
        _draw_own(own, scored)
        _draw_dots(common, [each.common for each in scored.values()])
        common.set_xlabel("log P(x) of binary x,\na bound (nats)")
        _draw_dots(squared, [each.squared for each in scored.values()])
        squared.set_xlabel("squared error of\nreconstructions")
        mass, allowed = halves[1].subplots(1, 2, width_ratios=(1, 1.3))
        _draw_mass(mass)
        _draw_pairs(allowed, scored)
        for ax in (own, common, squared, mass):
            _style.bounded(ax)
        return figure


def checks(scored: dict[str, Scored], dimensions: int) -> list[Check]:
    """Return the checks on the numbers of the decoders.

    Arguments:
        scored: What each got, the default structure and the Gaussian among them.
        dimensions: D, pixels of an image.
    """
    gaussian, default = scored[_GAUSSIAN], scored[_DEFAULT]
    assert gaussian.moved is not None  # a density
    lead = gaussian.own - default.own
    first = max(scored, key=lambda name: scored[name].own.mean())
    best = max(scored, key=lambda name: scored[name].common.mean())
    expected = -dimensions * log(_UNIT)
    return [
        _difference("Gaussian's number above the Bernoulli's, greys from 0 to 1", lead, ">"),
        _difference(
            "Gaussian's number above the Bernoulli's, greys from 0 to 255",
            *(lead + gaussian.moved, "<"),
        ),
        Check(
            "the Gaussian's move with the unit, beside -D log 255",
            *(float(np.abs(gaussian.moved - expected).max()), "<", 0.5),
            unit="nats",
        ),
        _difference(
            f"on the same binary images: {best} above {first}, whose own number is highest",
            *(scored[best].common - scored[first].common, ">"),
        ),
    ]


def pairs(scored: dict[str, Scored]) -> list[list[str]]:
    """Return the pairs of decoders whose own numbers may be compared."""
    return [[a, b] for a, b in combinations(scored, 2) if scored[a].ruler.shares(scored[b].ruler)]


def _scored(model: Estimator, x: Array, drawn: Tensor, seed: int) -> tuple[Scored, Any]:
    """Return what a model gets on images (n, H, W) and their draws, and its p(x|z)."""
    given = drawn if model.config_.model.view.support == "binary" else model.plain(x)
    found, ruler = decoded(model.model_, given, seed), ruler_of(model)
    scored = Scored(
        ruler,
        own=found.elbo,
        moved=moved_by_units(found.p, given, _UNIT) if ruler.is_density else None,
        common=scored_black_and_white(found, drawn),
        squared=np.square(model.reconstruct(x) - x / 255.0).sum((1, 2)),
    )
    return scored, found.p


def _mass_checks(off: dict[str, float], mass: Array, constant: Array) -> list[Check]:
    """Return the checks on what is, and what is not, a distribution."""
    worst = max(off, key=lambda name: off[name])
    return [
        Check(
            f"farthest that a pixel's total probability is from one ({worst})",
            *(off[worst], "<", 1e-3),
        ),
        _difference("log of the integral of the Bernoulli's formula over greys", mass, "<"),
        Check(
            "farthest that it is from the continuous Bernoulli's constant",
            *(float(np.abs(mass + constant).max()), "<", 0.5),
            unit="nats",
        ),
    ]


def _difference(what: str, each: Array, relation: Literal[">", "<"]) -> Check:
    """Return a check that differences (n,) in nats are above, or below, zero in the mean."""
    error = float(each.std(ddof=1)) / len(each) ** 0.5
    return Check(what, float(each.mean()), relation, 0.0, error, "nats")


def _mean(each: Array) -> dict[str, float]:
    return {"mean": float(each.mean()), "error": float(each.std(ddof=1)) / len(each) ** 0.5}


def _told(scored: dict[str, Scored]) -> dict[str, Any]:
    allowed = pairs(scored)
    return {
        "decoders": {
            name: {
                "own": _mean(each.own),
                "own_in_255": None if each.moved is None else _mean(each.own + each.moved),
                "of": each.ruler.of,
                "kind": each.ruler.kind,
                "why_not": each.ruler.why_not,
                "common": _mean(each.common),
                "squared": _mean(each.squared),
            }
            for name, each in scored.items()
        },
        "comparable": allowed,
        "n_comparable": len(allowed),
        "n_pairs": len(scored) * (len(scored) - 1) // 2,
    }


def _draw_own(ax: Any, scored: dict[str, Scored]) -> None:
    for row, each in enumerate(scored.values()):
        ax.plot(each.own.mean(), row, "o", color=_style.ACCENT, label="0 to 1")
        if each.moved is not None:
            there = float((each.own + each.moved).mean())
            ax.plot(there, row, "o", color=_style.SECOND, mfc="white", label="0 to 255")
            ax.plot([there, each.own.mean()], [row, row], color="#BBBBBB", linewidth=1, zorder=0)
    ax.set_yticks(range(len(scored)), _starred(scored))
    ax.set_ylim(len(scored) - 0.5, -0.5)
    ax.set_xlabel("own number (nats)\n* no likelihood")
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    where = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0), "ncols": 2, "columnspacing": 1}
    ax.legend(handles.values(), handles.keys(), title="greys from", fontsize=8, **where)


def _draw_dots(ax: Any, values: list[Array]) -> None:
    for row, each in enumerate(values):
        told = _mean(each)
        style = {"fmt": "o", "color": _style.ACCENT, "capsize": 2}
        ax.errorbar(told["mean"], row, xerr=2 * told["error"], **style)


def _draw_mass(ax: Any) -> None:
    logits = torch.linspace(-12, 12, 241)
    ax.plot(logits, np.exp(log_mass_of_greys(logits[:, None])), color=_style.ACCENT)
    ax.axhline(1, color=_style.INK, linewidth=0.8)
    below = {"xytext": (0, -11), "textcoords": "offset points", "fontsize": 8}
    ax.annotate("a density has 1", (-12, 1), **below)
    label = r"$\int_0^1 p^x (1 - p)^{1 - x} \, dx$"
    ax.set(xlabel="logit of p", ylabel=label, ylim=(0, 1.08))


def _draw_pairs(ax: Any, scored: dict[str, Scored]) -> None:
    """Draw which own numbers compare: a square for yes, a cross for no."""
    names, order, last = _starred(scored), list(scored), len(scored) - 1
    for first, second in combinations(range(len(order)), 2):
        yes = scored[order[first]].ruler.shares(scored[order[second]].ruler)
        style = ("s", _style.ACCENT) if yes else ("x", "#BBBBBB")
        ax.plot(first, second, marker=style[0], color=style[1], markersize=9)
    ax.set_yticks(range(1, last + 1), names[1:])
    ax.set_xticks(range(last), [name.replace(" ", "\n") for name in names[:-1]], fontsize=7)
    ax.set(xlim=(-0.5, last - 0.5), ylim=(last + 0.5, 0.5))
    ax.set_xlabel("square: own numbers compare")


def _starred(scored: dict[str, Scored]) -> list[str]:
    return [name + "*" * bool(each.ruler.why_not) for name, each in scored.items()]
