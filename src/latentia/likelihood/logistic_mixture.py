"""The decoder with a mixture of logistics for each 8-bit pixel."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.logistic_mixture import (
    LogisticMixture as LogisticMixtureDistribution,
)
from latentia.errors import UsageError
from latentia.likelihood._logistics import LOG_SCALE, side_by_side
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["LogisticMixture"]


@final
class LogisticMixture(Likelihood):
    r"""The probability of 8-bit levels under a mixture of logistics for each pixel and channel.

    .. math:: P(x_d|z) = \sum_k \pi_{dk}(z) \Big[\sigma\Big(\frac{x_d + h - m_{dk}}{s_{dk}}\Big)
        - \sigma\Big(\frac{x_d - h - m_{dk}}{s_{dk}}\Big)\Big]

    Where z leaves open whether a pixel is ink or paper, one logistic would have to cover all
    between. Channels are independent given z; `coupled-mixture` couples those of colours.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        components: K, logistics for each pixel.

    References:
        Salimans et al., "PixelCNN++", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> LogisticMixture(Linear(), (5,), 2, components=3)(torch.zeros(4, 2)).event_shape
        torch.Size([5])
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"levels"})
    is_mass: ClassVar[bool] = True

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 5,
    ) -> None:
        if components < 1:
            raise UsageError(
                f"A mixture needs at least one component, not {components}.",
                where=f"--likelihood.components {components}",
            )
        self.components, self.numbers = components, 3 * components
        super().__init__(network, x_shape, latent_dim)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        out = self.emit(z, c).movedim(-1 - len(self.x_shape), -1)
        logits, loc, log_scale = out.chunk(3, -1)
        each = LogisticMixtureDistribution(logits, loc, log_scale.clamp(*LOG_SCALE))
        return self.independent(each)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start with logistics side by side whose mean is the data's."""
        k = self.components
        loc, log_scale = side_by_side(mean, std, k)
        self.bias[:k] = 0.0
        self.bias[k : 2 * k] = loc
        self.bias[2 * k :] = log_scale
