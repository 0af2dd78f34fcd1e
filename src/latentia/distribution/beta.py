"""A beta distribution that draws, and scores, nothing but numbers between 0 and 1."""

from __future__ import annotations

from math import inf
from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Beta as TorchBeta

__all__ = ["Beta"]

# The float32 nearest to 1 from below is this far from it.
_EPS = 2.0**-24


@final
class Beta(TorchBeta):
    r"""The beta distribution, without its ends.

    .. math:: p(x) = \frac{x^{a - 1} (1 - x)^{b - 1}}{B(a, b)}, \quad 0 < x < 1

    At 0 and 1 torch's own is infinite, zero or no number; here log p = -inf as it is everywhere
    outside, and a draw that float32 would round to 0 or 1 is the number beside it.

    Arguments:
        concentration1: a, any shape.
        concentration0: b, same shape.

    Example:
        >>> p = Beta(torch.tensor(2.0), torch.tensor(1.0))
        >>> p.log_prob(torch.tensor([0.5, 1.0])).exp()
        tensor([1., 0.])
    """

    def __init__(self, concentration1: Tensor, concentration0: Tensor) -> None:
        super().__init__(concentration1, concentration0, validate_args=False)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Beta:
        """Return the same distribution with its parameters expanded to a batch shape."""
        return Beta(
            self.concentration1.expand(batch_shape), self.concentration0.expand(batch_shape)
        )

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw numbers between 0 and 1."""
        drawn: Tensor = super().rsample(torch.Size(sample_shape))
        return drawn.clamp(torch.finfo(drawn.dtype).tiny, 1 - _EPS)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, -inf at 0 and 1 and outside."""
        inside = (value > 0) & (value < 1)
        # In float64: of a precision of 10,000, float32 would lose hundredths of a nat.
        a, b = self.concentration1.double(), self.concentration0.double()
        x = torch.where(inside, value, torch.full_like(value, 0.5)).double()
        found = (a - 1) * x.log() + (b - 1) * torch.log1p(-x)
        found = found - torch.lgamma(a) - torch.lgamma(b) + torch.lgamma(a + b)
        return torch.where(inside, found, torch.full_like(found, -inf)).to(value.dtype)
