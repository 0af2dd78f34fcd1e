"""Decoders of real numbers, whose one number for each dimension is a place."""

from __future__ import annotations

from abc import ABC

import torch
from torch import Tensor

from latentia.likelihood.base import Likelihood
from latentia.network.base import Network

__all__ = ["Located"]


class Located(Likelihood, ABC):
    r"""A decoder that works in units of the data: its place is shift + scale times what it emits.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(network, x_shape, latent_dim)
        self.register_buffer("shift", torch.zeros(x_shape))
        self.register_buffer("scale", torch.ones(x_shape))

    def place(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Return the place of x given z (..., L), in the data's units, (..., *x_shape)."""
        return self.shift + self.scale * self.emit_one(z, c)

    def standardize(self, mean: Tensor, std: Tensor) -> None:
        """Let the decoder work in units of the data's standard deviation around their mean."""
        self.shift.copy_(mean)
        self.scale.copy_(std)
