"""The point encoder of an autoencoder."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.dirac import Dirac as DiracDistribution
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Dirac"]


@final
class Dirac(Posterior):
    r"""The point mass q(z|x) = delta(z - mu(x)): with a flat prior, a plain autoencoder.

    From a point to a density the KL is infinite, so there is no bound and no likelihood: what is
    reported is the reconstruction and, of a prior that has a density, log p(z) as a penalty.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> Dirac(Linear(), (5,), 2)(torch.zeros(3, 5)).mean.shape
        torch.Size([3, 2])
    """

    has_density: ClassVar[bool] = False
    covers: ClassVar[bool] = False

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return the point mass at mu(x), batch (B,), event (L,)."""
        mean = self.head(self.body(self.standardize(x, c)))
        # The products may be of bfloat16; mu never is.
        return DiracDistribution(mean.to(self.head.weight.dtype))
