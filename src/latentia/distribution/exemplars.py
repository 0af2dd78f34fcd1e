"""Gaussians of one width around many points."""

from __future__ import annotations

import math
from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

__all__ = ["Exemplars"]

# Distances that are held at once where there are no gradients: 32 MiB of them.
_TOGETHER = 1 << 22


@final
class Exemplars(MixtureSameFamily):
    r"""The mixture :math:`\sum_n \pi_n N(z; \mu_n, \sigma^2 I)` of one width for all.

    .. math:: |z - \mu_n|^2 = |z|^2 - 2 z \cdot \mu_n + |\mu_n|^2

    For a thousand z and as many points that is one product of matrices; in float64, since the
    parts may be far larger than their sum. Where weights are given for each example of a batch, it
    is a batch of mixtures of the same points, which are not repeated for it.

    Arguments:
        logits: log pi up to a constant, (N,), or (B, N) of a batch; -inf leaves a point out.
        loc: mu, (N, L).
        scale: sigma, ().

    Example:
        >>> p = Exemplars(torch.zeros(2), torch.zeros(2, 3), torch.tensor(1.0))
        >>> p.log_prob(torch.zeros(4, 3))
        tensor([-2.7568, -2.7568, -2.7568, -2.7568])
    """

    def __init__(self, logits: Tensor, loc: Tensor, scale: Tensor) -> None:
        self.loc, self.scale = loc, scale
        each = loc.expand(*logits.shape, -1)
        super().__init__(
            Categorical(logits=logits, validate_args=False),
            Independent(
                Normal(each, scale.expand_as(each), validate_args=False), 1, validate_args=False
            ),
            validate_args=False,
        )

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, (...), for values (..., L)."""
        if self.batch_shape or torch.is_grad_enabled():
            return self._scored(value)
        flat = value.reshape(-1, value.shape[-1])
        parts = flat.split(max(1, _TOGETHER // len(self.loc)))  # type: ignore[no-untyped-call]
        return torch.cat([self._scored(part) for part in parts]).reshape(value.shape[:-1])

    def _scored(self, value: Tensor) -> Tensor:
        z, loc, scale = value.double(), self.loc.double(), self.scale.double()
        distance = z.square().sum(-1, keepdim=True) - 2 * z @ loc.mT + loc.square().sum(-1)
        share = self.mixture_distribution.logits.double().log_softmax(-1)
        constant = z.shape[-1] * (scale.log() + 0.5 * math.log(2 * math.pi))
        nearness = share - distance.clamp_min(0) / (2 * scale.square())
        return (nearness.logsumexp(-1) - constant).to(value.dtype)

    @torch.no_grad()
    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw z, (*sample_shape, *batch, L): a point first, so that no other is looked at."""
        share = self.mixture_distribution
        which: Tensor = share.sample(torch.Size(sample_shape))  # type: ignore[no-untyped-call]
        chosen = self.loc[which]
        return chosen + self.scale * torch.randn_like(chosen)
