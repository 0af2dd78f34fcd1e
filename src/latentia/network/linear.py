"""No hidden layer: probabilistic PCA's network."""

from __future__ import annotations

from math import prod
from typing import final

from torch import nn

from latentia.network.base import Features, Network, output

__all__ = ["Linear"]


@final
class Linear(Network):
    r"""One matrix each way: :math:`\mu(x) = V x`, :math:`E[x|z] = W z + b`.

    With a Gaussian likelihood this is probabilistic PCA, whose log p(x) is known exactly.

    References:
        Lucas et al., "Don't blame the ELBO! A linear VAE perspective on posterior collapse", 2019.

    Example:
        >>> import torch
        >>> Linear().decoder(2, (1, 5))(torch.zeros(3, 2)).shape
        torch.Size([3, 1, 5])
    """

    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return the flattened x itself, (B, D)."""
        return Features(nn.Flatten(), prod(x_shape))

    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return one linear map from (B, latent_dim) to (B, *out_shape)."""
        last = nn.Linear(latent_dim, prod(out_shape), bias=False)
        return nn.Sequential(output(last), nn.Unflatten(1, out_shape))
