"""A log-normal distribution for which a number that is not positive is impossible, no error."""

from __future__ import annotations

from math import inf
from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import LogNormal as TorchLogNormal

__all__ = ["LogNormal"]


@final
class LogNormal(TorchLogNormal):
    r"""The log-normal distribution: log x is Gaussian.

    .. math:: \log p(x) = -\frac{(\log x - \mu)^2}{2 \sigma^2} - \log \sigma
        - \tfrac{1}{2} \log 2\pi - \log x, \quad x > 0

    Arguments:
        loc: mu, any shape.
        scale: sigma, same shape.

    Example:
        >>> p = LogNormal(torch.tensor(0.0), torch.tensor(1.0))
        >>> p.log_prob(torch.tensor([1.0, 0.0]))
        tensor([-0.9189,    -inf])
    """

    def __init__(self, loc: Tensor, scale: Tensor) -> None:
        super().__init__(loc, scale, validate_args=False)

    def expand(self, batch_shape: Any, _instance: Any = None) -> LogNormal:
        """Return the same distribution with its parameters expanded to a batch shape."""
        return LogNormal(self.loc.expand(batch_shape), self.scale.expand(batch_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, -inf for what is not above 0."""
        inside = value > 0
        x = torch.where(inside, value, torch.ones_like(value))
        found: Tensor = super().log_prob(x)  # type: ignore[no-untyped-call]
        return torch.where(inside, found, torch.full_like(found, -inf))
