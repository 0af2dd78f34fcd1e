"""Log-densities of the observed cells only."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

__all__ = ["Masked"]


@final
class Masked(Distribution):
    r"""A factorized distribution of which only some dimensions are observed.

    .. math:: \log p(x_{obs}) = \sum_{d \in obs} \log p(x_d)

    Since the dimensions are independent given z, leaving one out is marginalizing it exactly.

    Arguments:
        base: An `Independent` distribution over events of shape (\*event).
        mask: True where x is observed, broadcastable to (\*batch, \*event).

    Example:
        >>> from torch.distributions import Normal
        >>> base = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
        >>> masked = Masked(base, torch.tensor([True, False]))
        >>> masked.log_prob(torch.tensor([0.0, torch.nan]))
        tensor(-0.9189)
    """

    def __init__(self, base: Independent[Distribution], mask: Tensor) -> None:
        self.base, self.mask = base, mask
        super().__init__(base.batch_shape, base.event_shape, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The mean of every dimension, observed or not."""
        return self.base.mean

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw every dimension, observed or not."""
        return self.base.sample(torch.Size(sample_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p of the observed dimensions in nats; NaN elsewhere is fine."""
        # A NaN times zero is still NaN, and so is its gradient: take it out before the density.
        filled = torch.where(self.mask, value, torch.zeros_like(value))
        each = self.base.base_dist.log_prob(filled)
        kept = torch.where(self.mask, each, torch.zeros_like(each))
        return kept.flatten(-len(self.event_shape)).sum(-1)
