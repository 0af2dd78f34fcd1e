"""What a network must offer: two halves of one architecture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from latentia.errors import UsageError

__all__ = ["Features", "Network", "activation", "output", "owns_its_output"]

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "leaky-relu": lambda: nn.LeakyReLU(0.1),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}


class Network(ABC):
    """An architecture: a recipe for an encoder's body and for a decoder.

    It is a small object without weights; each call makes a fresh module.
    """

    # Whether its latents stand in groups, and posterior and prior must be those of groups.
    hierarchical: ClassVar[bool] = False

    def latents(self, x_shape: tuple[int, ...]) -> int | None:
        """Return how many latents it must have, or None where that is free."""
        return None

    @abstractmethod
    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return a module from (B, *x_shape) to (B, F)."""

    @abstractmethod
    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return a module from (B, latent_dim) to (B, *out_shape), without an output bias.

        `out_shape` is (P, *x_shape): P numbers for every dimension of x. The bias belongs to
        the likelihood, which knows what it means.
        """


class Features(nn.Module):
    """An encoder's body that knows how many features it returns.

    Arguments:
        body: A module from (B, *x_shape) to (B, F).
        out_features: F.
    """

    def __init__(self, body: nn.Module, out_features: int) -> None:
        super().__init__()
        self.body, self.out_features = body, out_features

    def forward(self, x: Tensor) -> Tensor:
        """Return features (B, F) of x (B, *x_shape)."""
        return self.body(x)  # type: ignore[no-any-return]


def output(layer: nn.Linear | nn.Conv2d) -> nn.Module:
    """Return a decoder's last layer with small weights.

    With them an untrained decoder is its likelihood's output bias: the training marginals.
    Exactly zero would leave the layers below without a gradient at the first step.

    What it returns is nobody else's, so that the bias may be added in place; after it, a decoder
    only changes the shape.
    """
    with torch.no_grad():
        layer.weight.mul_(0.01)
    layer.register_buffer("is_output", None)  # a mark without a value, kept in no file
    return layer


def owns_its_output(decoder: nn.Module) -> bool:
    """Whether a decoder ends in a layer of `output`.

    Example:
        >>> owns_its_output(nn.Sequential(output(nn.Linear(2, 3)))), owns_its_output(nn.Identity())
        (True, False)
    """
    return any(hasattr(layer, "is_output") for layer in decoder.modules())


def activation(name: str) -> nn.Module:
    """Return the activation of that name.

    Raises:
        UsageError: if there is none of that name.
    """
    try:
        return _ACTIVATIONS[name]()
    except KeyError:
        raise UsageError(
            f"There is no activation called {name!r}.",
            how=f"Choose one of: {', '.join(_ACTIVATIONS)}.",
        ) from None
