"""The multilayer perceptron."""

from __future__ import annotations

from math import prod
from typing import final

from torch import nn

from latentia.errors import UsageError
from latentia.network.base import Features, Network, activation, output

__all__ = ["MLP"]


@final
class MLP(Network):
    r"""Fully connected layers: :math:`h_{i+1} = a_i(W_i h_i + b_i)`, mirrored in the decoder.

    Arguments:
        hidden: Widths of the hidden layers, encoder order.
        activation: One name for all layers, or one per hidden layer joined by commas
            (`elu,tanh`), encoder order; the decoder mirrors it.
        dropout: Probability of dropping a hidden unit while training.

    Example:
        >>> import torch
        >>> network = MLP(hidden=(32, 16))
        >>> network.encoder((1, 8, 8))(torch.zeros(5, 1, 8, 8)).shape
        torch.Size([5, 16])
        >>> network.decoder(2, (1, 1, 8, 8))(torch.zeros(5, 2)).shape
        torch.Size([5, 1, 1, 8, 8])
    """

    def __init__(
        self,
        *,
        hidden: tuple[int, ...] = (512, 512),
        activation: str = "silu",
        dropout: float = 0.0,
    ) -> None:
        names = activation.split(",")
        self.activations = names * len(hidden) if len(names) == 1 else names
        if len(self.activations) != len(hidden) or any(width < 1 for width in hidden):
            raise UsageError(
                f"An MLP with hidden layers {hidden} cannot use activations {names}.",
                where="--network.hidden, --network.activation",
                how="Give positive widths, and one activation in all or one per hidden layer.",
            )
        if not 0 <= dropout < 1:
            raise UsageError(
                f"Dropout is a probability below 1, not {dropout}.",
                where=f"--network.dropout {dropout}",
                how="Use 0.1 to 0.5, or 0 for none.",
            )
        self.hidden, self.dropout = hidden, dropout

    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return a module from (B, *x_shape) to (B, hidden[-1])."""
        size = prod(x_shape)
        layers = self._layers(size, self.hidden, self.activations)
        return Features(nn.Sequential(nn.Flatten(), *layers), (size, *self.hidden)[-1])

    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return a module from (B, latent_dim) to (B, *out_shape)."""
        layers = self._layers(latent_dim, self.hidden[::-1], self.activations[::-1])
        last = nn.Linear((latent_dim, *self.hidden[::-1])[-1], prod(out_shape), bias=False)
        return nn.Sequential(*layers, output(last), nn.Unflatten(1, out_shape))

    def _layers(
        self, size: int, widths: tuple[int, ...], activations: list[str]
    ) -> list[nn.Module]:
        layers: list[nn.Module] = []
        for width, name in zip(widths, activations, strict=True):
            layers += [nn.Linear(size, width), activation(name)]
            if self.dropout:
                layers.append(nn.Dropout(self.dropout))
            size = width
        return layers
