"""The identity of the ELBO: each of its integrals computed by itself, and the sum checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from torch import Tensor

from latentia.errors import UsageError
from latentia.evidence.base import log_joint
from latentia.evidence.importance import ImportanceSampling
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._integrals import Integrals, integrals
from latentia.lab.base import Check, Experiment, Finding
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["ElboIdentity"]

Array = npt.NDArray[Any]

# Nats that an identity may be off: far above what the rules err by, far below what matters.
_RESIDUAL = 1e-3
# Points along each side of the picture of p(z|x).
_SIDE = 120
# ... and how many standard deviations of q it reaches.
_REACH = 7.0


@final
class ElboIdentity(Experiment):
    r"""The evidence is the ELBO plus KL(q(z|x) || p(z|x)), and the ELBO reconstruction minus KL.

    .. math:: \log p(x) = \log E_q[w] \ge E_q[\log w] = ELBO, \quad w = p(x, z) / q(z|x)

    .. math:: \log p(x) = ELBO + KL(q(z|x) \| p(z|x)), \quad
        ELBO = E_q[\log p(x|z)] - KL(q(z|x) \| p(z))

    The first line is the derivation by Jensen's inequality, the second says what it loses. On a
    model with two latents every term is an integral over the plane, here each by a rule of its
    own (see `Integrals`), so that they agree only if the identity holds and all are right.

    Arguments:
        n: Test images.
        samples: Draws of w for each, to see Jensen's inequality close with more of them.

    References:
        Jordan, Ghahramani, Jaakkola and Saul, "An introduction to variational methods for
        graphical models", 1999; Burda, Grosse and Salakhutdinov, 2016, for the last.

    Example:
        >>> ElboIdentity(n=4).samples
        1000
    """

    def __init__(self, *, n: int = 32, samples: int = 1000) -> None:
        if n < 2 or samples < 2:
            raise UsageError(
                f"There is nothing to integrate with n={n}, samples={samples}.",
                where="--elbo-identity.n, --elbo-identity.samples",
                how="Use at least two images, and two samples.",
            )
        self.n, self.samples = n, samples

    def run(self, bench: Bench) -> Finding:
        """Compute every term of every image, and what is left over."""
        model = bench.model(n_components=2).model_
        x = bench.draw(bench.some(self.n).x)
        found = integrals(model, x)
        sampler = ImportanceSampling(samples=self.samples)
        with seeded(bench.seed, 0):
            ladder = sampler(model, x).ladder
        assert ladder is not None  # from two samples on there is one
        # An image whose q is neither the best nor the worst: its gap is above three of four.
        example = int(np.argsort(found.kl_posterior)[3 * (self.n - 1) // 4])
        checks = (
            _below("|log p(x) - ELBO - KL(q || p(z|x))|, largest of all images", found.identity),
            _below("|ELBO - (reconstruction - KL(q || p(z)))|, largest", found.split),
            Check(
                "log E_q[w] - E_q[log w] (Jensen), smallest of all images",
                float(found.jensen.min()),
                ">",
                0.0,
                unit="nats",
            ),
        )
        numbers = {
            "n": self.n,
            "mean": _named(found, lambda column: float(column.mean())),
            "standard_error": _named(found, lambda column: _standard_error(column)),
            "this_x": _named(found, lambda column: float(column[example])),
            "largest_residual": float(np.abs(found.identity).max()),
            "largest_residual_of_the_split": float(np.abs(found.split).max()),
            "log_mean_weight_of_k_samples": dict(
                zip(sampler.rungs, ladder.mean(1).tolist(), strict=True)
            ),
            "sampled_elbo_minus_integral": float((ladder[0].numpy() - found.elbo).mean()),
            "sampled_elbo_standard_error": _standard_error(ladder[0].numpy() - found.elbo),
        }
        scene = _scene(model, x[example])
        picture = {"found": found, "example": example, "x": x[example, 0].numpy(), **scene}
        return Finding(checks, numbers, picture)

    def draw(self, finding: Finding) -> Figure:
        """Draw one image's terms with its posterior, Jensen's step, and what is left over."""
        found = finding.picture
        figure = _style.new_figure(4.9)
        axes: Any = figure.subplots(2, 2, height_ratios=(1.15, 1))
        (plane, terms), (jensen, left) = axes
        _draw_plane(plane, found)
        _draw_terms(terms, finding.numbers["this_x"])
        _draw_jensen(jensen, finding.numbers)
        _draw_residuals(left, found["found"])
        return figure


def _below(what: str, residual: Array) -> Check:
    """Return the check that no residual is too large; one that is unknown decides nothing."""
    return Check(what, float(np.abs(residual).max()), "<", _RESIDUAL, unit="nats")


def _named(found: Integrals, reduce: Callable[[Array], float]) -> dict[str, float]:
    return {name: reduce(column) for name, column in zip(found._fields, found, strict=True)}


def _standard_error(each: Array) -> float:
    return float(each.std(ddof=1) / len(each) ** 0.5)


@torch.no_grad()
def _scene(model: LatentVariableModel, x: Tensor) -> dict[str, Any]:
    """Return p(x, z) of one example on a lattice about q, relative to its peak, and q."""
    q = model.posterior(x[None])
    mean, sd = q.mean[0], q.stddev[0]
    reach = _REACH * float(sd.max())
    sides = [torch.linspace(float(c) - reach, float(c) + reach, _SIDE) for c in mean]
    z = torch.cartesian_prod(*sides)
    joint = log_joint(model, x[None], z[:, None])[:, 0].reshape(_SIDE, _SIDE)
    return {
        "sides": [side.numpy() for side in sides],
        "posterior": torch.exp(joint - joint.max()).T.numpy(),
        "q": (mean.numpy(), sd.numpy()),
    }


def _draw_plane(ax: Axes, found: dict[str, Any]) -> None:
    """Draw p(z|x) of one image in grey, and q(z|x) at one and two standard deviations."""
    (a, b), (mean, sd) = found["sides"], found["q"]
    ax.contourf(a, b, found["posterior"], levels=np.linspace(0.02, 1, 12), cmap="Greys", vmin=-0.2)
    for radius in (1, 2):
        ax.add_patch(
            Ellipse(
                mean, *(2 * radius * sd), fill=False, color=_style.SECOND, linewidth=1.6 / radius
            )
        )
    ax.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal")
    ax.text(0.04, 0.96, "p(z|x)", transform=ax.transAxes, va="top", color="#555555")
    ax.text(0.04, 0.86, "q(z|x)", transform=ax.transAxes, va="top", color=_style.SECOND)
    inset: Any = ax.inset_axes((0.72, 0.7, 0.28, 0.28))
    inset.imshow(found["x"], cmap="gray_r")
    inset.set_axis_off()


def _draw_terms(ax: Axes, terms: dict[str, float]) -> None:
    """Draw how the terms of one image add up: each bar begins where the last one ended."""
    whole, elbo, log_px = (terms[key] for key in ("reconstruction", "elbo", "log_px"))
    rows = (
        ("$E_q\\log p(x|z)$", whole, whole),
        ("$-$ KL(q || p(z))", whole, elbo),
        ("ELBO", elbo, elbo),
        ("$+$ KL(q || p(z|x))", elbo, log_px),
        ("log p(x)", log_px, log_px),
    )
    span = whole - elbo
    for row, (_, start, end) in enumerate(rows):
        if start == end:
            ax.plot(start, row, "D", color=_style.INK, markersize=5)
        else:
            ax.barh(
                row, end - start, 0.45, start, color=_style.SECOND if row < 2 else _style.ACCENT
            )
        value = start if start == end else end - start
        right = max(start, end) + 0.06 * span
        ax.text(right, row, _style.number(value, ".2f"), va="center", fontsize=9)
        if row:
            ax.plot([start, start], [row - 1, row], color="#AAAAAA", linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(rows)), [label for label, *_ in rows])
    ax.set(xlabel="nats, this x", ylim=(4.6, -0.6), xlim=(elbo - 0.12 * span, whole + 0.5 * span))


def _draw_jensen(ax: Axes, numbers: dict[str, Any]) -> None:
    """Draw the mean log of the mean of k weights, from the ELBO towards log p(x)."""
    ladder, mean = numbers["log_mean_weight_of_k_samples"], numbers["mean"]
    ax.semilogx([*ladder], [*ladder.values()], "o-", color=_style.SECOND)
    for value, label, x in ((mean["log_px"], "log p(x)", 1), (mean["elbo"], "ELBO", max(ladder))):
        ax.axhline(value, color=_style.INK, linewidth=0.8)
        ax.text(x, value, label, ha="left" if x == 1 else "right", va="bottom")
    ax.margins(y=0.12)
    ax.set(xlabel="samples of q in the mean, k", ylabel="mean over images (nats)")
    _style.bounded(ax)


def _draw_residuals(ax: Axes, found: Integrals) -> None:
    """Draw what each identity leaves over, image by image, on a logarithmic scale."""
    order = np.argsort(found.kl_posterior)
    gap = found.kl_posterior[order]
    for residual, marker, colour, label in (
        (found.identity, "o", _style.ACCENT, "log p(x) = ELBO + KL"),
        (found.split, "^", _style.SECOND, "ELBO = recon. − KL"),
    ):
        each = np.abs(residual[order]).clip(1e-9)
        ax.loglog(gap, each, marker, color=colour, markersize=4, label=label)
    ax.axhline(_RESIDUAL, color=_style.INK, linewidth=0.8)
    ax.text(gap[0], _RESIDUAL, "what is asked", va="bottom", fontsize=9)
    ax.set_ylim(1e-9, 1)
    ax.set(xlabel="KL(q || p(z|x)) (nats)", ylabel="left over (nats)")
    ax.legend(loc="upper left")
    _style.bounded(ax)
