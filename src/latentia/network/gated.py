"""The gated multilayer perceptron."""

from __future__ import annotations

from math import prod
from typing import final

from torch import nn

from latentia.errors import UsageError
from latentia.network.base import Features, Network, output

__all__ = ["GatedMLP"]


@final
class GatedMLP(Network):
    r"""Fully connected layers, each unit with a gate that opens or closes it.

    .. math:: h_{i+1} = (A_i h_i + a_i) \odot \sigma(B_i h_i + b_i)

    The network of the VampPrior's paper; at equal width it has twice the weights of a plain layer.

    Arguments:
        hidden: Widths of the hidden layers, encoder order; the decoder mirrors them.

    References:
        Dauphin et al., "Language modeling with gated convolutional networks", 2017; Tomczak and
        Welling, "VAE with a VampPrior", 2018.

    Example:
        >>> import torch
        >>> network = GatedMLP(hidden=(32, 16))
        >>> network.encoder((1, 8, 8))(torch.zeros(5, 1, 8, 8)).shape
        torch.Size([5, 16])
        >>> network.decoder(2, (1, 1, 8, 8))(torch.zeros(5, 2)).shape
        torch.Size([5, 1, 1, 8, 8])
    """

    def __init__(self, *, hidden: tuple[int, ...] = (300, 300)) -> None:
        if not hidden or any(width < 1 for width in hidden):
            raise UsageError(
                f"A gated MLP cannot have hidden layers {hidden}.",
                where="--network.hidden",
                how="Give positive widths, at least one.",
            )
        self.hidden = hidden

    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return a module from (B, *x_shape) to (B, hidden[-1])."""
        layers = _layers(prod(x_shape), self.hidden)
        return Features(nn.Sequential(nn.Flatten(), *layers), self.hidden[-1])

    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return a module from (B, latent_dim) to (B, *out_shape)."""
        layers = _layers(latent_dim, self.hidden[::-1])
        last = nn.Linear(self.hidden[0], prod(out_shape), bias=False)
        return nn.Sequential(*layers, output(last), nn.Unflatten(1, out_shape))


def _layers(size: int, widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(size, 2 * width), nn.GLU(dim=1)]  # values and gates in one product
        size = width
    return layers
