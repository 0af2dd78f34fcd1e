"""A convolutional network for any image size and any number of channels."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, prod
from typing import final

from torch import Tensor, nn
from torch.nn.functional import interpolate

from latentia.errors import UsageError
from latentia.network.base import Features, Network, activation, output

__all__ = ["Conv"]


@final
class Conv(Network):
    r"""Strided convolutions down to a few pixels, and upsampling convolutions back.

    The image halves (rounding up) at each of `channels`; the decoder retraces the same sizes by
    nearest-neighbour upsampling followed by a 3x3 convolution, which avoids the checkerboards
    of transposed convolutions and works for any height and width.

    Arguments:
        channels: Channels after each halving, encoder order.
        hidden: Width of the fully connected layer beside the latents.
        activation: The activation after every layer.

    References:
        Odena et al., "Deconvolution and checkerboard artifacts", 2016.

    Example:
        >>> import torch
        >>> network = Conv(channels=(8, 16), hidden=32)
        >>> network.encoder((3, 13, 10))(torch.zeros(2, 3, 13, 10)).shape
        torch.Size([2, 32])
        >>> network.decoder(4, (2, 3, 13, 10))(torch.zeros(2, 4)).shape
        torch.Size([2, 2, 3, 13, 10])
    """

    def __init__(
        self,
        *,
        channels: tuple[int, ...] = (32, 64, 64),
        hidden: int = 256,
        activation: str = "silu",
    ) -> None:
        if not channels or any(c < 1 for c in channels) or hidden < 1:
            raise UsageError(
                f"A conv network needs positive widths, not channels={channels}, hidden={hidden}.",
                where="--network.channels, --network.hidden",
            )
        self.channels, self.hidden, self.activation = channels, hidden, activation

    def encoder(self, x_shape: tuple[int, ...]) -> Features:
        """Return a module from (B, C, H, W) to (B, hidden)."""
        _require_image(x_shape)
        height, width = self._sizes(x_shape)[-1]
        layers: list[nn.Module] = []
        for before, after in pairwise((x_shape[0], *self.channels)):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1)]
            layers += [activation(self.activation)]
        flat = self.channels[-1] * height * width
        layers += [nn.Flatten(), nn.Linear(flat, self.hidden), activation(self.activation)]
        return Features(nn.Sequential(*layers), self.hidden)

    def decoder(self, latent_dim: int, out_shape: tuple[int, ...]) -> nn.Module:
        """Return a module from (B, latent_dim) to (B, P, C, H, W)."""
        _require_image(out_shape[1:])
        sizes = self._sizes(out_shape[1:])[::-1]
        widths = self.channels[::-1]
        height, width = sizes[0]
        first = widths[0] * height * width
        layers: list[nn.Module] = [nn.Linear(latent_dim, self.hidden), activation(self.activation)]
        layers += [nn.Linear(self.hidden, first), activation(self.activation)]
        layers += [nn.Unflatten(1, (widths[0], height, width))]
        for (before, after), size in zip(pairwise((*widths, widths[-1])), sizes[1:], strict=True):
            layers += [_Double(size)]
            layers += [nn.Conv2d(before, after, 3, padding=1), activation(self.activation)]
        last = nn.Conv2d(widths[-1], prod(out_shape[:2]), 3, padding=1, bias=False)
        return nn.Sequential(*layers, output(last), _Reshape(out_shape))

    def _sizes(self, x_shape: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return (height, width) from the image down to the smallest map."""
        sizes = [(x_shape[1], x_shape[2])]
        for _ in self.channels:
            height, width = sizes[-1]
            sizes.append((ceil(height / 2), ceil(width / 2)))
        return sizes


class _Double(nn.Module):
    """Repeats every pixel twice each way, cut to a size: nearest-neighbour upsampling.

    A GPU sums the gradient of copies ten times faster than torch's own kernel for it; a processor
    is the other way round.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        if x.is_cuda:
            return _copied(x, self.size)
        return interpolate(x, size=self.size, mode="nearest")


def _copied(x: Tensor, size: tuple[int, int]) -> Tensor:
    b, c, h, w = x.shape
    # Channels side by side, as its convolutions want them: they would turn the copies round.
    copies = x.permute(0, 2, 3, 1)[:, :, None, :, None].expand(-1, -1, 2, -1, 2, -1)
    copies = copies.reshape(b, 2 * h, 2 * w, c)[:, : size[0], : size[1]]
    return copies.permute(0, 3, 1, 2)


class _Reshape(nn.Module):
    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        # A tracer would take len(x) for a number that is always the same.
        return x.reshape(x.shape[0], *self.shape)


def _require_image(x_shape: tuple[int, ...]) -> None:
    if len(x_shape) != 3:
        raise UsageError(
            f"A conv network needs images (channels, height, width), not shape {x_shape}.",
            where="--network conv",
            how="Use --network mlp, or reshape the data to images.",
        )
