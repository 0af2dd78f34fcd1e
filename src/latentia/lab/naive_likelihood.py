"""Naive Monte Carlo: what samples of the prior are worth, by the number of latents."""

from __future__ import annotations

from math import hypot
from typing import Any, final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import bootstrap

from latentia.errors import UsageError
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._estimates import DECADES, PRIOR, Measured, Q, matching, measure
from latentia.lab.base import Check, Experiment, Finding
from latentia.rng import seeded

__all__ = ["NaiveLikelihood", "checks", "fails_from"]

Array = npt.NDArray[Any]

# Four models of four numbers of latents are trained, each for this share of the bench's steps.
_SHARE = 0.3
# "Many thousands" of samples, in powers of ten; and the share of an error that counts as near.
_MANY, _NEAR = 4.0, 0.1
_RESAMPLES = 2000
# The smallest error shown, in nats.
_FLOOR = 0.1


@final
class NaiveLikelihood(Experiment):
    r"""With more than a few latents, samples of the prior miss p(x) where 100 of q(z|x) come near.

    .. math:: \log \hat p(x) = \log \frac{1}{K} \sum_k p(x|z_k), \; z_k \sim p(z)
        \qquad\text{against}\qquad
        \log \frac{1}{k} \sum_k \frac{p(x, z_k)}{q(z_k|x)}, \; z_k \sim q(z|x)

    Both are right in the end. Of how many samples that end is, is the question: K must be about
    exp(KL(p(z|x) || p(z))), which grows with every latent that x decides. With two latents a few
    thousand samples cover the whole prior, and an encoder that is wrong about an unseen image
    can be farther off: there the claim does not hold. log p(x) is by quadrature with two latents
    and by annealed importance sampling with more, whose own error is in those of the checks. K
    beyond what can be drawn are simulated; an image on which 100 of q come nearer than the
    simulation itself counts as its largest K.

    Arguments:
        n: Test images.
        latents: Numbers of latents, a model for each, growing.

    References:
        Doersch, "Tutorial on variational autoencoders", 2016, section 2; Chatterjee and Diaconis,
        "The sample size required in importance sampling", 2018.

    Example:
        >>> NaiveLikelihood(n=8, latents=(2, 10)).latents
        (2, 10)
    """

    def __init__(self, *, n: int = 20, latents: tuple[int, ...] = (2, 5, 10, 20)) -> None:
        growing = all(a < b for a, b in zip((0, *latents), latents, strict=False))
        if n < 2 or len(latents) < 2 or not growing:
            raise UsageError(
                f"There is nothing to compare with n={n}, latents={latents}.",
                where="--naive-likelihood.n, --naive-likelihood.latents",
                how="Use at least two images, and at least two growing numbers of latents.",
            )
        self.n, self.latents = n, latents

    def run(self, bench: Bench) -> Finding:
        """Measure every number of latents on the same images."""
        x = bench.draw(bench.some(self.n).x)
        epochs = bench.epochs(share=_SHARE)
        found = {}
        for latents in self.latents:
            vae = bench.model(n_components=latents, max_epochs=epochs)
            bench.say(f"estimates log p(x) with {latents} latents")
            with seeded(bench.seed, latents):
                found[latents] = measure(vae.model_, x)
        numbers = {
            "n": self.n,
            "epochs": epochs,
            "by_latents": {latents: _told(each) for latents, each in found.items()},
            "fails_from": fails_from(found),
        }
        return Finding(checks(found), numbers, {"found": found})

    def draw(self, finding: Finding) -> Figure:
        """Draw the errors by number of samples, and how many of the prior match 100 of q."""
        found = finding.picture["found"]
        figure = _style.new_figure(3.3)
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        _draw_errors(left, found)
        _draw_matching(right, found)
        return figure


def checks(found: dict[int, Measured]) -> tuple[Check, ...]:
    """Return what must hold of the models by number of latents, the first of which is a few."""
    first, *more = found
    most = more[-1]
    return (
        *(_worse(latents, found[latents]) for latents in more),
        _ratio(most, found[most]),
        _many(most, found[most]),
        _growth(first, most, found),
    )


def fails_from(found: dict[int, Measured]) -> int | None:
    """Return the number of latents from which the prior's samples are the worse ones, or None."""
    decided = {latents: _worse(latents, each).verdict for latents, each in found.items()}
    failing = [latents for latents in found if decided[latents] == "confirmed"]
    tail = [latents for latents in failing if all(k in failing for k in found if k > latents)]
    return min(tail, default=None)


def _worse(latents: int, each: Measured) -> Check:
    """Return the check that the prior's samples are farther from log p(x), image by image."""
    more = each.naive_error - each.q_error
    what = f"{latents} latents: error of {PRIOR} of the prior minus that of {Q} of q"
    # Between the two estimates, log p(x) that is off moves one error up and the other down. The
    # part that differs from image to image is in their spread too: rather twice than not at all.
    error = hypot(_standard_error(more), 2 * each.mean_error)
    return Check(what, float(more.mean()), ">", 0.0, error, "nats")


def _ratio(latents: int, each: Measured) -> Check:
    """Return the check that 100 of q come near: their error is a tenth of the prior's or less."""
    naive, q = each.naive_error, each.q_error
    share = float(q.mean() / naive.mean())
    # By the delta method for a ratio of two means over the same images, both off with log p(x).
    sampled, off = _standard_error(q - share * naive), (1 + share) * each.mean_error
    error = hypot(sampled, off) / float(naive.mean())
    what = f"{latents} latents: error of {Q} of q as a share of that of {PRIOR} of the prior"
    return Check(what, share, "<", _NEAR, error)


def _many(latents: int, each: Measured) -> Check:
    """Return the check that more than many thousand of the prior match 100 of q.

    One estimate is held against the other: log p(x) and its error have no part in it.
    """
    what = f"{latents} latents: log10 of the prior samples that match {Q} of q, median image"
    error = _median_error(each.matching)
    return Check(what, float(np.median(each.matching)), ">", _MANY, error)


def _growth(first: int, last: int, found: dict[int, Measured]) -> Check:
    """Return the check that their number grows with the latents."""
    more = found[last].matching - found[first].matching
    what = f"from {first} to {last} latents: growth of that log10, median image"
    return Check(what, float(np.median(more)), ">", 0.0, _median_error(more))


def _told(each: Measured) -> dict[str, Any]:
    """Return what is written down of one number of latents."""

    def short(estimate: Array) -> dict[str, float]:
        missing = each.truth - estimate
        return {
            "mean": float(missing.mean()),
            "standard_error": _standard_error(missing),
            "median": float(np.median(missing)),
        }

    drawn = each.prior.items()
    excess = {k: each.simulated[float(k)] - column for k, column in drawn if k >= 100}
    return {
        "log_px": float(each.truth.mean()),
        "log_px_error": each.mean_error,
        "annealed_minus_log_px": float((each.annealed - each.truth).mean()),
        "missing_by_prior_samples": {k: short(column) for k, column in drawn},
        "missing_by_q_samples": {k: short(column) for k, column in each.q.items()},
        "naive_error": float(each.naive_error.mean()),
        "q_error": float(each.q_error.mean()),
        "prior_effective_samples": float(np.median(each.prior_ess)),
        "q_effective_samples": float(np.median(each.q_ess)),
        "prior_samples_that_match": float(10 ** np.median(each.matching)),
        "prior_samples_that_match_log10_error": _median_error(each.matching),
        "prior_samples_that_match_on_average": _matching_on_average(each),
        "images_beyond_the_simulation": int((each.matching >= DECADES[-1]).sum()),
        "simulated_minus_drawn": {
            k: {"mean": float(more.mean()), "standard_error": _standard_error(more)}
            for k, more in excess.items()
        },
        "kl_posterior_prior": float(each.divergence.mean()),
    }


def _matching_on_average(each: Measured) -> float:
    """Return the number of prior samples whose log p-hat has the mean over images of 100 of q."""
    mean = {k: column.mean(keepdims=True) for k, column in each.simulated.items()}
    return float(10 ** matching(mean, each.q[Q].mean(keepdims=True))[0])


def _standard_error(each: Array) -> float:
    return float(each.std(ddof=1) / len(each) ** 0.5)


def _median_error(each: Array) -> float:
    """Return the standard error of a median, by the bootstrap."""
    found = bootstrap((each,), np.median, n_resamples=_RESAMPLES, method="percentile", rng=0)
    return float(found.standard_error)


def _draw_errors(ax: Axes, found: dict[int, Measured]) -> None:
    """Draw how much of log p(x) is missing, by number of samples, for every number of latents."""
    looks = zip(found.items(), _style.PALETTE, _style.MARKERS, strict=False)
    for (latents, each), colour, marker in looks:
        curve = [_missing(each, column) for column in each.simulated.values()]
        ax.loglog([*each.simulated], curve, color=colour, zorder=2)
        drawn = [_missing(each, column) for column in each.prior.values()]
        label = f"{latents} latents"
        ax.loglog([*each.prior], drawn, marker, color=colour, markersize=5, label=label)
        q = _missing(each, each.q[Q])
        ax.plot(Q, q, "*", color=colour, markersize=11, markeredgecolor=_style.INK, zorder=3)
    star: Any = {"color": "white", "markeredgecolor": _style.INK, "markersize": 10}
    ax.plot([], [], "*", label=f"{Q} of q(z|x)", **star)
    ax.set(xlabel="samples", ylabel="log p(x) minus its estimate (nats)", ylim=(_FLOOR, None))
    ax.legend(loc="upper right")
    _style.bounded(ax)


def _missing(each: Measured, estimate: Array) -> float:
    return max(float((each.truth - estimate).mean()), _FLOOR / 10)


def _draw_matching(ax: Axes, found: dict[int, Measured]) -> None:
    """Draw how many samples of the prior match 100 of q: every image, and the median."""
    rng = np.random.default_rng(0)
    for column, each in enumerate(found.values()):
        spread = column + rng.uniform(-0.2, 0.2, len(each.matching))
        beyond = each.matching >= DECADES[-1]
        for marker, these in (("o", ~beyond), ("^", beyond)):
            shown = 10 ** each.matching[these]
            ax.semilogy(spread[these], shown, marker, color=_style.ACCENT, markersize=4, alpha=0.6)
        median = 10 ** float(np.median(each.matching))
        ax.plot([column - 0.33, column + 0.33], [median, median], color=_style.SECOND, linewidth=2)
    ax.axhline(Q, color=_style.INK, linewidth=0.8)
    ax.set_xticks(range(len(found)), [str(latents) for latents in found])
    ax.set(xlabel="latents", ylabel=f"prior samples that match {Q} of q")
    _style.bounded(ax)
