"""Rulers: of what a decoder's number is the logarithm, and numbers that several may share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.distributions import AffineTransform, Bernoulli, Distribution, TransformedDistribution
from torch.nn.functional import softplus

from latentia.design import why_no_likelihood
from latentia.distribution.divergence import closed_form_kl
from latentia.estimator.base import Estimator
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = [
    "Decoded",
    "Ruler",
    "decoded",
    "farthest_from_one",
    "log_mass_of_greys",
    "moved_by_units",
    "ruler_of",
    "scored_black_and_white",
]

Array = npt.NDArray[Any]

# Means read as probabilities of ink stay this far from 0 and 1, where one pixel would cost all.
_EDGE = 1e-3
_NODES = 64


class Ruler(NamedTuple):
    """What a number is; two numbers compare if these agree and both are likelihoods.

    Arguments:
        of: What x is, such as `binary` or `levels`.
        binarize: How the stored greys became x.
        is_mass: Whether it is the logarithm of a probability, not of a density in some unit.
        why_not: Why it is no likelihood of x, or nothing.
    """

    of: str
    binarize: str
    is_mass: bool
    why_not: str

    def shares(self, other: Ruler) -> bool:
        """Whether a number on this ruler may be compared with one on the other."""
        return self == other and not self.why_not

    @property
    def kind(self) -> str:
        """What a number on it is, in a word."""
        if self.why_not:
            return "cost"
        return "probability" if self.is_mass else "density"

    @property
    def is_density(self) -> bool:
        """Whether a change of the unit of x moves it."""
        return self.kind == "density"


class Decoded(NamedTuple):
    """A draw of z for each of n images, what it decodes to, and its share of the bound.

    Arguments:
        p: p(x|z), batch (n,).
        kl: KL(q(z|x) || p(z)) in nats, (n,).
        elbo: The model's own number in nats, (n,).
    """

    p: Distribution
    kl: Tensor
    elbo: Array


def ruler_of(model: Estimator) -> Ruler:
    """Return the ruler of a trained model's own number."""
    view = model.config_.model.view
    why = why_no_likelihood(model.model_, view)
    return Ruler(view.support, view.binarize, type(model.model_.likelihood).is_mass, why)


@torch.no_grad()
def decoded(model: LatentVariableModel, x: Tensor, seed: int) -> Decoded:
    """Draw z ~ q(z|x) once for every x (n, *x_shape), and decode it."""
    with model.evaluating(), seeded(seed, 5):
        q = model.posterior(x)
        p = model.likelihood(q.rsample())
        kl = closed_form_kl(q, model.prior()).total
        assert kl is not None  # a diagonal Gaussian against a standard normal
        elbo = p.log_prob(x) - kl
    return Decoded(p, kl, elbo.double().numpy())


@torch.no_grad()
def scored_black_and_white(found: Decoded, drawn: Tensor) -> Array:
    """Return a bound on the log-probability of black-and-white draws, (n,) nats.

    The decoder's mean is read as the probability of ink, within [0.001, 0.999]. That is a
    Bernoulli decoder whatever it was trained as, and q may be any distribution, so every model
    gets a bound on the same probability.

    Arguments:
        found: What decoded each image.
        drawn: The draws, (n, *x_shape), 0 or 1.
    """
    ink = Bernoulli(probs=found.p.mean.clamp(_EDGE, 1 - _EDGE), validate_args=False)
    each: Tensor = ink.log_prob(drawn).flatten(1).sum(1) - found.kl  # type: ignore[no-untyped-call]
    return each.double().numpy()


@torch.no_grad()
def log_mass_of_greys(logits: Tensor) -> Array:
    r"""Return log of the integral of p^x (1 - p)^(1 - x) over greys x in [0, 1]^D, (n,) nats.

    By Gauss-Legendre quadrature, pixel by pixel; 0 would be a density.

    Arguments:
        logits: Logits of p, (n, ...).
    """
    nodes, weights = (torch.from_numpy(a) for a in np.polynomial.legendre.leggauss(_NODES))
    each = logits.double().flatten(1)
    # exp(x l - log(1 + e^l)) is largest at 0 or 1; its logarithms are at most 0.
    total = torch.zeros_like(each)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        total += weight * torch.exp(node * each - softplus(each))
    found: Array = total.log().sum(1).numpy()
    return found


@torch.no_grad()
def moved_by_units(p: Distribution, x: Tensor, unit: float) -> Array:
    """Return by how many nats log p(x|z) moves if x is written in units `unit` times as fine.

    The Jacobian is torch's: log p of `unit` x under the transformed distribution minus log p of x.
    """
    event = len(p.event_shape)
    finer = TransformedDistribution(p, AffineTransform(0.0, unit, event_dim=event))
    moved: Tensor = finer.log_prob(unit * x) - p.log_prob(x)  # type: ignore[no-untyped-call]
    return moved.double().numpy()


@torch.no_grad()
def farthest_from_one(p: Distribution, levels: int) -> float:
    """Return by how much the total probability of a pixel is off one, at worst.

    Arguments:
        p: Independent pixels.
        levels: How many values a pixel can have, evenly from 0 to 1.
    """
    each: Any = getattr(p, "base_dist")  # noqa: B009 (torch's Distribution has none)
    shape = each.batch_shape
    total = torch.zeros(shape, dtype=torch.float64)
    for level in torch.linspace(0, 1, levels):
        total += each.log_prob(level.expand(shape)).double().exp()
    return float((total - 1).abs().max())
