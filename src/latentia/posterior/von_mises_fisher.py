"""The encoder whose latents are directions."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.space import Space, require_sphere
from latentia.distribution.von_mises_fisher import (
    VonMisesFisher as VonMisesFisherDistribution,
)
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["VonMisesFisher"]

# kappa from nearly uniform to a hundredth of a radian.
_LOG_CONCENTRATION = (-4.0, 9.0)


@final
class VonMisesFisher(Posterior):
    r"""The von Mises-Fisher q(z|x): z is a direction, around m(x), with concentration kappa(x).

    .. math:: q(z|x) \propto \exp(\kappa(x)\, m(x) \cdot z), \quad |z| = 1

    On a sphere no place is the middle: a uniform prior pulls at no example, and its divergence
    depends on kappa alone.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the coordinates of a direction; the sphere has one dimension less.

    References:
        Davidson et al., "Hyperspherical variational auto-encoders", 2018.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> q = VonMisesFisher(Linear(), (5,), 3)(torch.zeros(4, 5))
        >>> q.rsample().norm(dim=-1).allclose(torch.ones(4))
        True
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "sphere"

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        require_sphere(latent_dim)
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim + 1)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        out = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        loc = out[..., :-1]
        loc = loc / loc.norm(dim=-1, keepdim=True).clamp_min(1e-8)
        return VonMisesFisherDistribution(loc, out[..., -1].clamp(*_LOG_CONCENTRATION).exp())
