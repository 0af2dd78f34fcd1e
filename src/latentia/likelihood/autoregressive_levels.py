"""The autoregressive decoder of 8-bit levels."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.distribution.pixel import Levels
from latentia.errors import UsageError
from latentia.likelihood._causal import Causal
from latentia.likelihood._logistics import LOG_SCALE, side_by_side
from latentia.likelihood.base import Support
from latentia.network.base import Network

__all__ = ["AutoregressiveLevels"]


@final
class AutoregressiveLevels(Causal):
    r"""The decoder of 8-bit pixels in their order, each given z and a window before it.

    .. math:: P(x_i|x_{w(i)}, z) = \sum_k \pi_{ik} \Big[
        \sigma\Big(\frac{x_i + h - m_{ik}}{s_{ik}}\Big)
        - \sigma\Big(\frac{x_i - h - m_{ik}}{s_{ik}}\Big)\Big]

    with pi, m and s of z and the window. Pixels come row by row, and within a pixel one channel
    after the other. Whether z is used, and what pictures show: see `autoregressive`.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        components: K, logistics for each pixel and channel.
        field: How far back the window goes: so many rows above and columns to either side; 0 is
            a mixture of logistics without a window.
        width: Hidden features of the window at each pixel.
        layers: Hidden layers from there to the mixture's numbers.
        features: Numbers by which z speaks to the hidden features of each pixel.

    References:
        Salimans et al., "PixelCNN++", 2017; Gulrajani et al., "PixelVAE", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = AutoregressiveLevels(Linear(), (3, 4, 4), 2, field=2)(torch.zeros(5, 2))
        >>> p.log_prob(torch.ones(3, 4, 4)).shape
        torch.Size([5])
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"levels"})
    pixel = Levels(*LOG_SCALE)

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 3,
        field: int = 3,
        width: int = 16,
        layers: int = 1,
        features: int = 4,
    ) -> None:
        if components < 1:
            raise UsageError(
                f"A mixture needs at least one component, not {components}.",
                where=f"--likelihood.components {components}",
            )
        self.components, self.own = components, 3 * components
        super().__init__(
            network,
            x_shape,
            latent_dim,
            field=field,
            width=width,
            layers=layers,
            features=features,
        )

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start with logistics side by side whose mean is the data's."""
        k = self.components
        self.bias[:k] = 0.0
        self.bias[k : 2 * k], self.bias[2 * k : 3 * k] = side_by_side(mean, std, k)
