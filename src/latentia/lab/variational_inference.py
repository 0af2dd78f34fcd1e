"""Variational inference: families of q fitted to the true posterior, one image at a time."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from latentia.errors import UsageError
from latentia.evidence.base import log_joint
from latentia.evidence.quadrature import refine
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._binary import BinaryModel, MeanField, states
from latentia.lab._families import Cells, cells
from latentia.lab._fitting import Fitted, families, gap
from latentia.lab._integrals import elbo_on_plane, in_float64
from latentia.lab.base import Check, Experiment, Finding
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["VariationalInference", "binary_gaps", "checks"]

Array = npt.NDArray[Any]

# A family counts as near where it is within a factor e of the posterior, on average over q.
_NEAR = 1.0
# Nats that the last tenth of the steps may still gain before a fit counts as unfinished.
_SETTLED = 0.01
# The model with binary latents: training images, steps, and sweeps of mean field.
_BINARY_IMAGES, _BINARY_STEPS, _SWEEPS = 5000, 600, 30
# The picture: points along a side of the plane, how many standard deviations it reaches, the
# smallest gap shown, and the heaviest states of the bits.
_SIDE, _REACH, _FLOOR, _BARS = 80, 3.5, 1e-4, 8
# Marginals are kept off 0 and 1, and a start at one state is this sure of every bit, in logits.
_TINY, _SURE_BIT = 1e-4, 3.0


@final
class VariationalInference(Experiment):
    r"""Fitting a tractable q (Gaussian, Bernoulli) brings it near p(z|x), and a richer one nearer.

    .. math:: \log p(x) - ELBO(\text{encoder}) =
        \underbrace{\log p(x) - ELBO(q^*)}_{\text{approximation gap}} +
        \underbrace{ELBO(q^*) - ELBO(\text{encoder})}_{\text{amortization gap}}

    where q* is the best of its family for this x. With two latents p(z|x) is known on a grid, and
    every image gets a q of its own: a Gaussian with independent latents (the encoder's family),
    one with any covariance, a mixture of those, and a spline flow. The fits minimize
    KL(q || p(z|x)) on the grid, from several starts; what they reached is measured by fresh draws
    through the model. A sigmoid belief network of a few bits, trained on the same digits by exact
    likelihood, does the same for a Bernoulli q, by sums over all states.

    Arguments:
        n: Test images.
        components: Gaussians in the mixture.
        bits: Binary latents.

    References:
        Cremer, Li and Duvenaud, "Inference suboptimality in variational autoencoders", 2018.

    Example:
        >>> VariationalInference(n=8).components
        4
    """

    def __init__(self, *, n: int = 40, components: int = 4, bits: int = 8) -> None:
        if n < 2 or components < 2 or not 1 <= bits <= 12:
            raise UsageError(
                f"There is nothing to fit with n={n}, components={components}, bits={bits}.",
                where="--variational-inference.n, .components, .bits",
                how="Use at least two images and two components, and one to twelve bits.",
            )
        self.n, self.components, self.bits = n, components, bits

    def run(self, bench: Bench) -> Finding:
        """Fit every family to every image's posterior, and measure how far off each stays."""
        model = bench.model(n_components=2).model_
        images = bench.some(self.n)
        x = bench.draw(images.x)
        grid = refine(model, x)
        to = cells(grid)
        with torch.no_grad(), model.evaluating():
            encoder = in_float64(model.posterior(x))
            reached = elbo_on_plane(model, x, encoder)
        with seeded(bench.seed, 0):
            fitted = families(to, self.components, bench.seed)
            gaps = {name: gap(model, x, grid, to, q) for name, q in fitted.family.items()}
        gaps = {"encoder": grid.log_evidence.numpy() - reached, **gaps}
        binary, bits = self._binary(bench, x)
        numbers = {
            "n": self.n,
            "log_px": float(grid.log_evidence.mean()),
            "gap": {name: _summary(each) for name, each in gaps.items()},
            "approximation_gap": _summary(gaps["diagonal"]),
            "amortization_gap": _summary(gaps["encoder"] - gaps["diagonal"]),
            "settled_within": fitted.settled,
            "bernoulli": binary,
        }
        found = checks(
            gaps, bits["gap"], {**fitted.settled, "bernoulli": binary["settled_within"]}
        )
        picture = {"gaps": gaps, "bits": bits, **_scene(model, x, to, fitted, gaps)}
        return Finding(found, numbers, picture)

    def draw(self, finding: Finding) -> Figure:
        """Draw one posterior with every q, all gaps, and one posterior over binary latents."""
        found = finding.picture
        figure = _style.new_figure(4.4)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1, 1.45))
        top, bottom = halves
        for ax, (name, density) in zip(top.subplots(1, 5), found["q"].items(), strict=True):
            _draw_plane(ax, found, name, density)
        left, right = bottom.subplots(1, 2, width_ratios=(1.25, 1))
        _draw_gaps(left, found["gaps"])
        _draw_bits(right, found["bits"])
        return figure

    def _binary(self, bench: Bench, x: Tensor) -> tuple[dict[str, Any], dict[str, Any]]:
        """Fit a Bernoulli q to the posteriors of a model with binary latents."""
        train = bench.train.x[:_BINARY_IMAGES]
        bench.say(f"trains    a model of {self.bits} bits by exact likelihood")
        with seeded(bench.seed, 1):
            model = BinaryModel(self.bits, x[0].numel())
            model.fit(bench.draw(train, key=1).flatten(1), steps=_BINARY_STEPS)
        with torch.no_grad():
            joint = model.log_joint(x.flatten(1)).double()
        fits = binary_gaps(joint)
        entropy = -(joint.softmax(0) * joint.log_softmax(0)).sum(0)
        numbers = {
            "bits": self.bits,
            "log_px": float(joint.logsumexp(0).mean()),
            "gap_before": _summary(fits["before"]),
            "gap": _summary(fits["gap"]),
            "posterior_entropy": float(entropy.mean()),
            "settled_within": fits["settled"],
        }
        return numbers, {**fits, "posterior": joint.softmax(0).numpy()}


def binary_gaps(log_joint: Tensor) -> dict[str, Any]:
    """Fit a Bernoulli q to posteriors over all states of some bits, from three starts.

    It starts knowing nothing, at the posterior's marginals and at its heaviest state, and the best
    of the three counts for each image.

    Arguments:
        log_joint: log p(x, z), (2^L, B).

    Returns:
        `before` and `gap`, KL(q || p(z|x)) where it knows nothing and at its best, (B,) nats;
        `settled`, the largest change of the last sweeps; `q`, every state's probability, (2^L, B).
    """
    every = states(int(np.log2(len(log_joint)))).double()
    marginal = (log_joint.softmax(0).T @ every).clamp(_TINY, 1 - _TINY)
    heaviest = _SURE_BIT * (2 * every[log_joint.argmax(0)] - 1)
    fits = [MeanField(log_joint, at) for at in (0 * marginal, marginal.logit(), heaviest)]
    traces = torch.stack([q.fit(_SWEEPS) for q in fits])
    which = traces[:, -1].argmin(0)
    images = torch.arange(len(which))
    taken = traces[which, :, images]
    return {
        "before": traces[0, 0].numpy(),
        "gap": taken[:, -1].numpy(),
        "settled": float((taken[:, -1 - _SWEEPS // 10] - taken[:, -1]).abs().max()),
        "q": torch.stack([q.log_q.exp() for q in fits])[which, :, images].T.numpy(),
    }


def checks(gaps: dict[str, Array], binary: Array, settled: dict[str, float]) -> tuple[Check, ...]:
    """Return what must hold of every image's KL(q || p(z|x)), by family, (B,) nats."""
    late = gaps["encoder"] > gaps["diagonal"]
    below = (("diagonal", "full"), ("full", "mixture"), ("full", "flow"))
    return (
        _near("best diagonal Gaussian, KL(q || p(z|x)): the approximation gap", gaps["diagonal"]),
        _share("encoder worse than its family's best (amortization gap), share of images", late),
        *(_above(f"{wide} minus {rich}", gaps, wide, rich) for wide, rich in below),
        _near("best Bernoulli of the binary latents, KL(q || p(z|x))", binary),
        Check(
            "last tenth of the steps, largest change of any image's KL",
            max(settled.values()),
            "<",
            _SETTLED,
            unit="nats",
        ),
    )


def _near(what: str, each: Array) -> Check:
    summary = _summary(each)
    return Check(what, summary["mean"], "<", _NEAR, summary["standard_error"], "nats")


def _share(what: str, each: Array) -> Check:
    # A share of all or none has an error too: that of one image more which is not (Laplace).
    share = (each.sum() + 1) / (len(each) + 2)
    error = float(np.sqrt(share * (1 - share) / len(each)))
    return Check(what, float(each.mean()), ">", 0.5, error)


def _above(what: str, gaps: dict[str, Array], worse: str, better: str) -> Check:
    summary = _summary(gaps[worse] - gaps[better])
    return Check(what, summary["mean"], ">", 0.0, summary["standard_error"], "nats")


def _summary(each: Array) -> dict[str, float]:
    return {
        "mean": float(each.mean()),
        "standard_error": float(each.std(ddof=1) / len(each) ** 0.5),
        "median": float(np.median(each)),
        "largest": float(each.max()),
    }


@torch.no_grad()
def _scene(
    model: LatentVariableModel, x: Tensor, to: Cells, fitted: Fitted, gaps: dict[str, Array]
) -> dict[str, Any]:
    """Return one image's posterior and every q on a lattice."""
    # The image where both steps show: from the encoder to the best of its family, and beyond it.
    late, stiff = gaps["encoder"] - gaps["diagonal"], gaps["diagonal"] - gaps["full"]
    i = int(np.argmax(np.minimum(late, stiff)))
    side = torch.linspace(-_REACH, _REACH, _SIDE)
    u = torch.cartesian_prod(side, side)
    z = (to.loc[i] + to.scale[i] * u).to(x)
    jacobian = to.scale[i].log().sum()
    posterior = model.posterior(x[i : i + 1])
    log_q = {"encoder": posterior.log_prob(z)}
    everyone = u[:, None].expand(-1, len(x), -1)
    for name, family in fitted.family.items():
        log_q[name] = family.log_prob(everyone)[:, i] - jacobian
    joint = log_joint(model, x[i : i + 1], z[:, None])[:, 0]

    def picture(log_density: Tensor) -> Array:
        relative = torch.exp(log_density - log_density.max())
        shown: Array = relative.reshape(_SIDE, _SIDE).T.numpy()
        return shown

    return {
        "example": i,
        "sides": [(to.loc[i, k] + to.scale[i, k] * side).numpy() for k in range(2)],
        "posterior": picture(joint),
        "q": {name: picture(each) for name, each in log_q.items()},
    }


def _draw_plane(ax: Axes, found: dict[str, Any], name: str, density: Array) -> None:
    """Draw p(z|x) in grey, and one q at the heights of one and two standard deviations."""
    a, b = found["sides"]
    ax.contourf(a, b, found["posterior"], levels=np.linspace(0.02, 1, 12), cmap="Greys", vmin=-0.2)
    heights = [float(np.exp(-0.5 * radius**2)) for radius in (2, 1)]
    ax.contour(a, b, density, levels=heights, colors=_style.SECOND, linewidths=(0.8, 1.6))
    nats = max(0.0, float(found["gaps"][name][found["example"]]))
    ax.set_title(f"{name}\n{nats:.3f} nats")
    ax.set(xticks=[], yticks=[])


def _draw_gaps(ax: Axes, gaps: dict[str, Array]) -> None:
    """Draw KL(q || p(z|x)) of every image by family, with the means, on a logarithmic scale."""
    rng = np.random.default_rng(0)
    for column, each in enumerate(gaps.values()):
        spread = column + rng.uniform(-0.22, 0.22, len(each))
        ax.semilogy(spread, each.clip(_FLOOR), "o", color=_style.ACCENT, markersize=3, alpha=0.6)
        mean = max(float(each.mean()), _FLOOR)
        ax.plot([column - 0.35, column + 0.35], [mean, mean], color=_style.SECOND, linewidth=2.2)
    ax.set_xticks(range(len(gaps)), list(gaps), fontsize=8)
    ax.set_ylabel("KL(q || p(z|x)) (nats)")
    _style.bounded(ax)


def _draw_bits(ax: Axes, bits: dict[str, Any]) -> None:
    """Draw the posterior over the states of the bits for the image that a Bernoulli fits worst."""
    i = int(np.argmax(bits["gap"]))
    order = np.argsort(-bits["posterior"][:, i])[:_BARS]
    for shift, key, colour, label in (
        (-0.2, "posterior", "#888888", "p(z|x)"),
        (0.2, "q", _style.SECOND, f"Bernoulli q ({bits['gap'][i]:.2f} nats)"),
    ):
        ax.bar(np.arange(len(order)) + shift, bits[key][order, i], 0.4, color=colour, label=label)
    ax.set_xticks([])
    ax.set(xlabel="heaviest states of the bits", ylabel="probability")
    ax.legend(loc="upper right")
