"""Rate and distortion: what beta trades, and when latents collapse."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from latentia.errors import UsageError
from latentia.evaluation.bound import active_units, per_example
from latentia.figure import _style
from latentia.lab import _rate_figure, _water
from latentia.lab._bench import Bench
from latentia.lab._latents import widened
from latentia.lab._water import Level
from latentia.lab.base import Check, Experiment, Finding
from latentia.view import Examples, View

__all__ = ["Point", "RateDistortion", "checks", "linear_check"]

Array = npt.NDArray[Any]

_L = 20
_BETAS = (0.1, 0.25, 1.0, 4.0, 16.0, 64.0)
_NETWORK = {"name": "mlp", "hidden": (128,)}
# Linear models take this part of the bench's steps, and the others this: there are many of them.
_SHARE, _SMALL_SHARE = 5, 10
# The theory is that of the best linear model; training ends this near, of the largest rate.
_NEAR = 0.05


class Point(NamedTuple):
    """What models of S seeds, trained with one beta, say of the same n test images.

    Arguments:
        beta: Weight of the KL in training.
        rate: KL(q(z|x) || p(z)) in nats, (S, n).
        distortion: -E_q[log p(x|z)] in nats, (S, n).
        active: Active latents, (S,).
        spectrum: Mean KL of each latent of the first seed's model, the largest first, (L,).
    """

    beta: float
    rate: Array
    distortion: Array
    active: Array
    spectrum: Array

    @property
    def elbo(self) -> Array:
        """The bound on log p(x), with beta = 1 whatever the training, in nats, (S, n)."""
        found: Array = -self.rate - self.distortion
        return found


@final
class RateDistortion(Experiment):
    r"""Beta trades rate for distortion; the bound is best at 1, and latents collapse above it.

    .. math:: \max\; -D - \beta R, \quad D = -E_q[\log p(x|z)], \quad R = KL(q(z|x) \| p(z)),
        \qquad \log p(x) \ge -D - R

    VAEs that differ in beta and seed alone, measured on the same binarized test images. At the
    optimum the curve's slope dD/dR is -beta, so the line of slope -1 that touches it, the best
    bound, touches at beta = 1. For a linear decoder with a fixed sigma the collapse is known: the
    latent along an eigenvector of the data's covariance, with eigenvalue l, has

    .. math:: KL = \tfrac{1}{2} \max\big(0, \log \tfrac{l}{\beta \sigma^2}\big)

    so it collapses if l is at most beta sigma^2: the reverse water-filling of rate-distortion
    theory. Linear models show that too.

    Arguments:
        n: Test images.
        seeds: Models for each beta.

    References:
        Alemi et al., "Fixing a broken ELBO", 2018; Lucas et al., "Don't blame the ELBO!", 2019;
        Burda et al., "Importance weighted autoencoders" (active units), 2016.

    Example:
        >>> RateDistortion(seeds=6).seeds
        6
    """

    def __init__(self, *, n: int = 2000, seeds: int = 4) -> None:
        if n < 2 or seeds < 2:
            raise UsageError(
                f"There is no standard error with n={n}, seeds={seeds}.",
                where="--rate-distortion.n, --rate-distortion.seeds",
                how="Use at least two images and two seeds.",
            )
        self.n, self.seeds = n, seeds

    def run(self, bench: Bench) -> Finding:
        """Train with every beta, and linear models at every water level."""
        short, linear = (
            bench.other(steps=max(1, bench.steps // share)) for share in (_SMALL_SHARE, _SHARE)
        )
        x = bench.some(self.n).x
        points = [self._point(short, x, beta) for beta in _BETAS]
        spectrum = _water.eigenvalues(bench.train.x, _L)
        levels = [_water.level(linear, x, spectrum, at) for at in _water.LEVELS]
        best = max(points, key=lambda point: point.elbo.mean())
        numbers = {
            "n": len(x),
            "seeds": self.seeds,
            "steps": short.steps,
            "linear_steps": linear.steps,
            "latents": _L,
            "best_beta": best.beta,
            "betas": {f"{point.beta:g}": _told(point) for point in points},
            "slopes": [_slope(a, b) for a, b in pairwise(points)],
            "slopes_between_their_betas": sum(
                a.beta < _slope(a, b) < b.beta for a, b in pairwise(points)
            ),
            "pairs": len(points) - 1,
            "linear": {f"{one.level:g}": _told_linear(one) for one in levels},
        }
        picture = {"points": points, "levels": levels, "spectrum": spectrum}
        return Finding((*checks(points), linear_check(levels)), numbers, picture)

    def draw(self, finding: Finding) -> Figure:
        """Draw the curve, the bound, the KL of every latent and the linear theory."""
        figure = _style.new_figure(5.6)
        axes: Any = figure.subplots(2, 2)
        points: list[Point] = finding.picture["points"]
        levels, spectrum = finding.picture["levels"], finding.picture["spectrum"]
        betas = [point.beta for point in points]
        rate = [float(point.rate.mean()) for point in points]
        far = [float(point.distortion.mean()) for point in points]
        bounds = np.stack([point.elbo.mean(1) for point in points], axis=1)
        _rate_figure.draw_curve(axes[0, 0], betas, rate, far)
        _rate_figure.draw_bound(axes[0, 1], betas, bounds)
        _rate_figure.draw_spectra(axes[1, 0], betas, [point.spectrum for point in points])
        _rate_figure.draw_linear(axes[1, 1], levels, spectrum)
        for ax in axes.flat:
            _style.bounded(ax)
        return figure

    def _point(self, bench: Bench, x: Array, beta: float) -> Point:
        examples = Examples(bench.draw(x), View("binary"))
        found = []
        for seed in range(self.seeds):
            model = bench.model(
                n_components=_L, network=_NETWORK, beta=beta, random_state=bench.seed + seed
            )
            found.append(per_example(model.model_, examples, seed=bench.seed))
        first = found[0].kl_per_dim
        assert first is not None  # a diagonal Gaussian against a standard normal factorizes
        return Point(
            beta,
            rate=np.stack([each.kl.double().numpy() for each in found]),
            distortion=-np.stack([each.reconstruction.double().numpy() for each in found]),
            active=np.array([active_units(each.mean) for each in found]),
            spectrum=np.sort(first.double().mean(0).numpy())[::-1],
        )


def checks(points: Sequence[Point]) -> list[Check]:
    """Return the checks on models of rising beta, one of which has beta = 1."""
    one = next(point for point in points if point.beta == 1)
    falls = [_mean(a.rate - b.rate) for a, b in pairwise(points)]
    rises = [_mean(b.distortion - a.distortion) for a, b in pairwise(points)]
    leads = [_mean(one.elbo - point.elbo) for point in points if point.beta != 1]
    more = [float((b.active - a.active).mean()) for a, b in pairwise(points)]
    most = f"beta = {points[-1].beta:g}"
    return [
        _least("smallest fall of the rate from one beta to the next", falls),
        _least("smallest rise of the distortion from one beta to the next", rises),
        _least("lead of the bound at beta = 1 over the best at any other", leads),
        Check("largest rise of active latents from one beta to the next", max(more), "<", 0.5),
        Check(f"active latents left at {most}", float(points[-1].active.mean()), "<", 0.5),
    ]


def _mean(each: Array) -> tuple[float, float]:
    """Return the mean of differences (S, n) and its error, over images and over few seeds."""
    images = each.mean(0).var(ddof=1) / each.shape[1]
    seeds = widened(float(each.mean(1).std(ddof=1)) / len(each) ** 0.5, len(each))
    return float(each.mean()), float(images + seeds**2) ** 0.5


def _least(what: str, found: list[tuple[float, float]]) -> Check:
    value, error = min(found)
    return Check(what, value, ">", 0.0, error, "nats")


def _slope(a: Point, b: Point) -> float:
    """Return by how many nats the distortion rises for each nat of rate, from a to b."""
    fall = float(a.rate.mean() - b.rate.mean())
    return float(b.distortion.mean() - a.distortion.mean()) / fall if fall else float("nan")


def _told(point: Point) -> dict[str, Any]:
    elbo, error = _mean(point.elbo)
    return {
        "rate": float(point.rate.mean()),
        "distortion": float(point.distortion.mean()),
        "elbo": elbo,
        "elbo_error": error,
        "active": float(point.active.mean()),
        "kl_per_latent": point.spectrum,
    }


def _told_linear(one: Level) -> dict[str, Any]:
    return {
        "rate": one.rate[0],
        "rate_of_theory": one.theory,
        "active": one.active[0],
        "active_of_theory": one.active[1],
    }


def linear_check(levels: Sequence[Level]) -> Check:
    """Return the check that linear models have the rate that theory says."""
    most = max(one.theory for one in levels)
    far, error = max((abs(one.rate[0] - one.theory), one.rate[1]) for one in levels)
    return Check(
        "linear models: farthest that a rate is from theory, of the largest rate",
        *(far / most, "<", _NEAR),
        error=error / most,
    )
