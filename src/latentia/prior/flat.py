"""No prior term: an autoencoder."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.flat import Flat as FlatDistribution
from latentia.prior.base import Prior

__all__ = ["Flat"]


@final
class Flat(Prior):
    """The improper prior p(z) = 1: no preference, no regularization, nothing to sample.

    Arguments:
        latent_dim: L, the number of latents.

    Example:
        >>> import torch
        >>> Flat(2)().log_prob(torch.ones(3, 2))
        tensor([0., 0., 0.])
    """

    is_proper: ClassVar[bool] = False
    is_learned: ClassVar[bool] = False

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the improper flat density, event (L,)."""
        return FlatDistribution(self.latent_dim)
