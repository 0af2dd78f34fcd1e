"""Decoders in which a pixel also depends on those in a window before it."""

from __future__ import annotations

from abc import ABC
from math import prod
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.autoregressive import Autoregressive, Context
from latentia.distribution.pixel import Pixel
from latentia.errors import UsageError
from latentia.likelihood.base import Likelihood
from latentia.network.base import Network

__all__ = ["Causal", "Reach"]


class Reach(nn.Module):
    """The weights of a context, and the mask that keeps it causal.

    Arguments:
        whole: (C, H, W).
        field: How far the window goes: so many rows above, so many columns to either side.
        numbers: P, the numbers of a pixel's distribution.
        features: G, the numbers by which z speaks to the context at every pixel.
        width: F, hidden features.
        layers: Hidden layers.
    """

    mask: Tensor

    def __init__(
        self,
        whole: tuple[int, int, int],
        *,
        field: int,
        numbers: int,
        features: int,
        width: int,
        layers: int,
    ) -> None:
        super().__init__()
        channels, rows, columns = whole
        # No row of weights that only ever meets the padding.
        above, aside = min(field, rows - 1), min(field, columns - 1)
        self.register_buffer("mask", _mask(channels, above, aside), persistent=False)
        seen = max(1.0, float(self.mask.sum()) / channels)
        shape = (channels, width, channels, above + 1, 2 * aside + 1)
        self.kernel = nn.Parameter(torch.randn(shape) / seen**0.5)
        self.inward = nn.Parameter(torch.randn(width, features) / max(1, features) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(width))
        self.inner = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        # Small, so that an untrained decoder is its bias: the training marginals.
        self.outward = nn.Parameter(0.01 * torch.randn(numbers, width) / width**0.5)

    def forward(self) -> Context:
        """Return the weights as a distribution takes them."""
        inner = tuple((layer.weight, layer.bias) for layer in self.inner)
        kernel = self.kernel * self.mask
        return Context(kernel, self.inward, self.bias, inner, self.outward)  # type: ignore[arg-type]


def _mask(channels: int, above: int, aside: int) -> Tensor:
    """Return 1 where a weight is on a pixel before: (C, 1, C, above + 1, 2 aside + 1).

    Above is before, and in the same row so is what is to the left; within a pixel, the channels
    of lower number.
    """
    mask = torch.ones(channels, 1, channels, above + 1, 2 * aside + 1)
    mask[..., above, aside:] = 0
    earlier = torch.ones(channels, channels).tril(-1)
    mask[:, 0, :, above, aside] = earlier
    return mask


class Causal(Likelihood, ABC):
    r"""A decoder of pixels in their order: row by row, each given z and a window before it.

    .. math:: \log p(x|z) = \sum_i \log p(x_i | x_{w(i)}, z), \quad w(i) \subset \{1..i - 1\}

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
    """

    factorizes: ClassVar[bool] = False
    autoregressive: ClassVar[bool] = True
    has_mean: ClassVar[bool] = False
    shows: ClassVar[tuple[str, str]] = ("Draws", "x ~ p(x|z)")
    is_mass: ClassVar[bool] = True
    # What a pixel is, and how many numbers its distribution has.
    pixel: Pixel
    own: int

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        field: int,
        width: int,
        layers: int,
        features: int,
    ) -> None:
        _require(x_shape, field, width, layers, features)
        channels, rows, columns = x_shape if len(x_shape) == 3 else (1, 1, x_shape[0])
        # Before a single number there is nothing.
        windowed = field > 0 and prod(x_shape) > 1
        self.numbers = self.own + (features if windowed else 0)
        super().__init__(network, x_shape, latent_dim)
        self.reach = (
            Reach(
                (channels, rows, columns),
                field=field,
                numbers=self.own,
                features=features,
                width=width,
                layers=layers,
            )
            if windowed
            else None
        )

    def forward(self, z: Tensor, c: Tensor | None = None) -> Distribution:
        """Return p(x|z), batch (...), event (*x_shape)."""
        out = self.emit(z, c)
        at = out.ndim - len(self.emitted)
        plain, g = out.split([self.own, self.numbers - self.own], at)  # type: ignore[no-untyped-call]
        context = None if self.reach is None else self.reach()
        return Autoregressive(plain, g, self.pixel, context, len(self.x_shape))

    @staticmethod
    def shown(p: Distribution) -> Tensor:
        """Return a draw of each x from the same noise: there is no mean in closed form."""
        assert isinstance(p, Autoregressive)
        return p.draw_alike()


def _require(x_shape: tuple[int, ...], field: int, width: int, layers: int, features: int) -> None:
    if len(x_shape) not in (1, 3):
        raise UsageError(
            f"Pixels come in rows of images (channels, height, width), or numbers in one line; "
            f"examples of shape {x_shape} have no such order.",
            where="--likelihood",
            how="Reshape the data to images, or use a likelihood of independent cells.",
        )
    if min(field, layers) < 0 or min(width, features) < 1:
        raise UsageError(
            f"A window before a pixel cannot have field={field}, width={width}, layers={layers}, "
            f"features={features}.",
            where="--likelihood.field, --likelihood.width, --likelihood.layers, "
            "--likelihood.features",
            how="Give a field and layers from 0, and widths from 1.",
        )
