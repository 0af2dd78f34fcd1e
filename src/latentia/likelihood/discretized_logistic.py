"""The discretized logistic decoder for 8-bit images."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.discretized_logistic import (
    DiscretizedLogistic as DiscretizedLogisticDistribution,
)
from latentia.likelihood.base import Likelihood, Support

__all__ = ["DiscretizedLogistic"]

# A scale of exp(-7) is a quarter of one of the 256 levels: sharper buys nothing.
_LOG_SCALE = (-7.0, 2.0)
_HALF_LEVEL = 0.5 / 255


@final
class DiscretizedLogistic(Likelihood):
    r"""The probability of 8-bit levels under a logistic whose location and scale depend on z.

    .. math:: P(x_d|z) = \sigma\Big(\frac{x_d + h - m_d(z)}{s_d(z)}\Big)
        - \sigma\Big(\frac{x_d - h - m_d(z)}{s_d(z)}\Big)

    A probability of the image files themselves: bits per dimension compare with any codec.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Kingma et al., "Inverse autoregressive flow", 2016; Salimans et al., "PixelCNN++", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = DiscretizedLogistic(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.event_shape
        torch.Size([5])
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"levels"})
    is_mass: ClassVar[bool] = True
    numbers = 2

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        loc, log_scale = self.emit(z, c).unbind(-1 - len(self.x_shape))
        each = DiscretizedLogisticDistribution(loc, log_scale.clamp(*_LOG_SCALE))
        return self.independent(each)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias so that E[x] is the training mean, by bisection on the location.

        The scale is that of a logistic of the training data's standard deviation, s pi / sqrt(3),
        before its tails are gathered on the first and last level.
        """
        log_scale = (std.clamp_min(0.01) * 3**0.5 / torch.pi).log()
        target = mean.clamp(_HALF_LEVEL, 1 - _HALF_LEVEL)
        low, high = torch.full_like(target, -4.0), torch.full_like(target, 5.0)
        for _ in range(30):
            middle = (low + high) / 2
            below = DiscretizedLogisticDistribution(middle, log_scale).mean < target
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        self.bias[0], self.bias[1] = (low + high) / 2, log_scale
