"""Enumeration: log p(x) of a model with latents that can be counted, exactly."""

from __future__ import annotations

from itertools import product
from math import log10
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.autoregressive_codes import Autoregressive
from latentia.distribution.one_hots import OneHots
from latentia.errors import UsageError
from latentia.evidence.base import Evidence, EvidenceEstimator, log_joint
from latentia.model import LatentVariableModel

__all__ = ["Enumeration", "codes"]

# Latents that are decoded at once, and the most that there may be.
_TOGETHER = 256
_MOST = 1 << 16
# From here on a number is told by its power of ten.
_MANY = 10**12


@final
class Enumeration(EvidenceEstimator):
    r"""Computes log p(x) by summing over every z that there is.

    .. math:: p(x) = \sum_z p(x|z)\, p(z)

    Sixteen latents of 0 or 1 have 65,536 values, each decoded once for all examples.

    References:
        Dayan et al., "The Helmholtz machine", 1995.

    Example:
        >>> Enumeration().draws
        False
    """

    rows = 500
    draws: ClassVar[bool] = False
    any_latents: ClassVar[bool] = True

    def require(self, model: LatentVariableModel) -> None:
        """Refuse latents that cannot be counted, or are too many."""
        super().require(model)
        counted = model.prior.space in ("binary", "one-hot")
        count = _count(model.prior()) if counted else 0
        if not 0 < count <= _MOST:
            many = (
                f"{_told(count)} values, and at most {_MOST:,} are summed" if count else "no end"
            )
            raise UsageError(
                f"The latents of this model have {many}.",
                where="--evidence enumeration",
                how=f"Use --evidence {'importance' if model.posterior.covers else 'naive'}.",
            )

    @torch.no_grad()
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p(x) of x (B, *x_shape), with no error but the floats' own."""
        self.require(model)
        with model.evaluating():
            parts = codes(model.prior()).split(_TOGETHER)  # type: ignore[no-untyped-call]
            total = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)
            for z in parts:
                joint = log_joint(model, x, z[:, None])
                total = torch.logaddexp(total, joint.logsumexp(0))
        return Evidence(total, torch.finfo(x.dtype).eps * total.abs())


def _shape(prior: Distribution) -> tuple[int, int]:
    """Return how many choices z is, and of how many classes each."""
    if isinstance(prior, OneHots | Autoregressive):
        return prior.groups, prior.classes
    return prior.event_shape[0], 2


def _count(prior: Distribution) -> int:
    """Return how many values z can have."""
    groups, classes = _shape(prior)
    return int(classes**groups)


def _told(count: int) -> str:
    """Return a number in figures, or where it has many, its power of ten."""
    return f"{count:,}" if count < _MANY else f"10^{log10(count):.0f}"


def codes(prior: Distribution) -> Tensor:
    """Return every value that the latents of a prior can have, (N, L).

    Example:
        >>> codes(OneHots(torch.zeros(1, 2)))
        tensor([[1., 0.],
                [0., 1.]])
    """
    groups, classes = _shape(prior)
    rows = torch.tensor(list(product(range(classes), repeat=groups)))
    like = prior.like if isinstance(prior, Autoregressive) else prior.mean
    written = isinstance(prior, OneHots) or (
        isinstance(prior, Autoregressive) and not prior.binary
    )
    return (torch.eye(classes)[rows].flatten(1) if written else rows).to(like)
