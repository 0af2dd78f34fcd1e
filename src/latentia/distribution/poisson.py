"""A Poisson distribution whose nats are right for large counts too."""

from __future__ import annotations

from math import inf
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints

__all__ = ["Poisson"]


@final
class Poisson(Distribution):
    r"""Counts of mean and variance r.

    .. math:: \log P(x) = x \log r - r - \log x!

    The three terms grow with the count and nearly cancel: of 10,000 float32 leaves an error of
    hundredths of a nat. They are computed in float64, and what is no count has probability 0.

    Arguments:
        log_rate: log r, any shape.

    Example:
        >>> p = Poisson(torch.tensor(0.0))
        >>> p.log_prob(torch.tensor([1.0, 0.5, -1.0]))
        tensor([-1., -inf, -inf])
    """

    arg_constraints = {"log_rate": constraints.real}  # noqa: RUF012
    support = constraints.nonnegative_integer

    def __init__(self, log_rate: Tensor) -> None:
        self.log_rate = log_rate
        super().__init__(log_rate.shape, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The rate r."""
        return self.log_rate.exp()

    @property
    def variance(self) -> Tensor:
        """The rate r."""
        return self.mean

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw counts."""
        return torch.poisson(self.mean.expand(self._extended_shape(torch.Size(sample_shape))))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, -inf for what is no count."""
        counted = self.support.check(value)  # type: ignore[no-untyped-call]
        x = torch.where(counted, value, torch.zeros_like(value)).double()
        log_rate = self.log_rate.double()
        found = x * log_rate - log_rate.exp() - torch.lgamma(x + 1)
        return torch.where(counted, found, torch.full_like(found, -inf)).to(self.log_rate.dtype)
