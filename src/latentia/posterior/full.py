"""The Gaussian encoder with correlations."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, MultivariateNormal

import latentia.distribution.gaussian  # registers its KL  # noqa: F401
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Full"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0


@final
class Full(Posterior):
    r"""The Gaussian q(z|x) = N(z; mu(x), S(x) S(x)^T) with a triangular S: all correlations.

    .. math:: z = \mu(x) + S(x)\, \varepsilon, \quad \varepsilon \sim N(0, I)

    It has L (L + 3) / 2 numbers for an x, so it is for some dozens of latents at most.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Kingma and Welling, "An introduction to variational autoencoders", 2019, section 2.5.1.

    Example:
        >>> from latentia.network.linear import Linear
        >>> Full(Linear(), (5,), 2)(torch.zeros(3, 5)).covariance_matrix.shape
        torch.Size([3, 2, 2])
    """

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        below = latent_dim * (latent_dim - 1) // 2
        self.head = nn.Linear(self.body.out_features, 2 * latent_dim + below)
        self.latent_dim = latent_dim

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        latents = self.latent_dim
        out = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        loc, raw, below = out.split([latents, latents, out.shape[-1] - 2 * latents], -1)
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        row, column = torch.tril_indices(latents, latents, -1, device=out.device)
        triangle = torch.eye(latents, device=out.device, dtype=out.dtype).repeat(
            out.shape[0], 1, 1
        )
        triangle[:, row, column] = below
        # Rows in units of their sigma, so that a correlation is as easy to learn at any scale.
        return MultivariateNormal(loc, scale_tril=scale[..., None] * triangle, validate_args=False)
