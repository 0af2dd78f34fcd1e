"""Enumeration: log p(x) of a model with latents that can be counted, exactly."""

from __future__ import annotations

from itertools import product
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.one_hots import OneHots
from latentia.errors import UsageError
from latentia.evidence.base import Evidence, EvidenceEstimator, log_joint
from latentia.model import LatentVariableModel

__all__ = ["Enumeration", "codes"]

# Latents that are decoded at once, and the most that there may be.
_TOGETHER = 256
_MOST = 1 << 16


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
            many = f"{count:,} values, and at most {_MOST:,} are summed" if count else "no end"
            raise UsageError(
                f"The latents of this model have {many}.",
                where="--evidence enumeration",
                how="Use --evidence importance.",
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


def _count(prior: Distribution) -> int:
    """Return how many values z can have."""
    if isinstance(prior, OneHots):
        return int(prior.classes**prior.groups)
    return int(2 ** prior.event_shape[0])


def codes(prior: Distribution) -> Tensor:
    """Return every value that the latents of a prior can have, (N, L).

    Example:
        >>> codes(OneHots(torch.zeros(1, 2)))
        tensor([[1., 0.],
                [0., 1.]])
    """
    if isinstance(prior, OneHots):
        eye = torch.eye(prior.classes)
        rows = torch.tensor(list(product(range(prior.classes), repeat=prior.groups)))
        return eye[rows].flatten(1).to(prior.logits)
    rows = torch.tensor(list(product([0.0, 1.0], repeat=prior.event_shape[0])))
    return rows.to(prior.mean)
