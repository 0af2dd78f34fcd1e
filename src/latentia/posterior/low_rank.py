"""The Gaussian encoder with a few directions of correlation."""

from __future__ import annotations

from typing import final

from torch import Tensor, nn
from torch.distributions import Distribution, LowRankMultivariateNormal

import latentia.distribution.gaussian  # registers its KL  # noqa: F401
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["LowRank"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0


@final
class LowRank(Posterior):
    r"""The Gaussian q(z|x) with a covariance of low rank beside its diagonal.

    .. math:: q(z|x) = N(z; \mu(x), D(x) (I + V(x) V(x)^T) D(x))

    D is diagonal, so with V = 0 this is the diagonal Gaussian; every column of V is a direction in
    which the latents are uncertain together.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        rank: Columns of V, at most L.

    References:
        Rezende, Mohamed and Wierstra, "Stochastic backpropagation", 2014, section 4.3; Ong, Nott
        and Smith, "Gaussian variational approximation with a factor covariance structure", 2018.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> LowRank(Linear(), (5,), 4, rank=1)(torch.zeros(3, 5)).cov_factor.shape
        torch.Size([3, 4, 1])
    """

    def __init__(
        self, network: Network, x_shape: tuple[int, ...], latent_dim: int, *, rank: int = 1
    ) -> None:
        super().__init__()
        if not 1 <= rank <= latent_dim:
            raise UsageError(
                f"A rank of {rank} is none for {latent_dim} latents.",
                where=f"--posterior.rank {rank}",
                how="Use 1 up to the number of latents, or --posterior gaussian or full.",
            )
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, (2 + rank) * latent_dim)
        self.latent_dim = latent_dim

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        out = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        loc, raw, *columns = out.split(self.latent_dim, -1)
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        factor = out[..., 2 * self.latent_dim :].unflatten(-1, (len(columns), self.latent_dim)).mT
        return LowRankMultivariateNormal(
            loc, scale[..., None] * factor, scale**2, validate_args=False
        )
