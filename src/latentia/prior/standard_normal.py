"""The standard normal prior."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.prior.base import Prior

__all__ = ["StandardNormal"]


@final
class StandardNormal(Prior):
    r"""The standard normal p(z) = N(z; 0, I).

    Simple on purpose: the decoder's first layers bend it into whatever the data need.

    Arguments:
        latent_dim: L, the number of latents.

    References:
        Kingma and Welling, "Auto-encoding variational Bayes", 2014.

    Example:
        >>> StandardNormal(2)().log_prob(torch.zeros(2))
        tensor(-1.8379)
    """

    is_learned: ClassVar[bool] = False
    loc: Tensor
    scale: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.register_buffer("loc", torch.zeros(latent_dim), persistent=False)
        self.register_buffer("scale", torch.ones(latent_dim), persistent=False)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return N(0, I), event (L,)."""
        normal = Normal(self.loc, self.scale, validate_args=False)
        return Independent(normal, 1, validate_args=False)
