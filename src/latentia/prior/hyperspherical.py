"""The prior of directions."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.space import Space, require_sphere
from latentia.distribution.von_mises_fisher import UniformSphere
from latentia.prior.base import Prior

__all__ = ["Hyperspherical"]


@final
class Hyperspherical(Prior):
    r"""The uniform prior on the unit sphere, with respect to its area.

    .. math:: p(z) = \frac{\Gamma(L/2)}{2 \pi^{L/2}}, \quad |z| = 1

    Arguments:
        latent_dim: L, the coordinates of a direction.

    References:
        Davidson et al., "Hyperspherical variational auto-encoders", 2018.

    Example:
        >>> Hyperspherical(2)().log_prob(torch.tensor([0.0, 1.0])).exp()  # 1 / 2 pi
        tensor(0.1592)
    """

    space: ClassVar[Space] = "sphere"
    is_learned: ClassVar[bool] = False
    like: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        require_sphere(latent_dim)
        self.latent_dim = latent_dim
        self.register_buffer("like", torch.zeros(()), persistent=False)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the prior, event (L,)."""
        return UniformSphere(self.latent_dim, self.like)
