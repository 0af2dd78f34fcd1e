"""The Laplace decoder."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent
from torch.distributions import Laplace as LaplaceDistribution

from latentia.likelihood._located import Located
from latentia.likelihood.base import Support
from latentia.network.base import Network

__all__ = ["Laplace"]

# Relative to the data's own spread, as the Gaussian's.
_LOG_SCALE_FLOOR = -6.0


@final
class Laplace(Located):
    r"""The Laplace decoder, whose cost of an error is its absolute value.

    .. math:: \log p(x|z) = \sum_d -\frac{|x_d - m_d(z)|}{b_d} - \log 2 b_d

    The location is the median of x given z, so a few wild values move it less than a Gaussian's
    mean. The scale b is learned, one for each dimension.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Kotz, Kozubowski and Podgorski, "The Laplace distribution and generalizations", 2001.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Laplace(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.zeros(3, 5))  # 5 log(1/2)
        tensor([-3.4657, -3.4657, -3.4657], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"real", "unit", "levels"})

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(network, x_shape, latent_dim)
        self.log_scale = nn.Parameter(torch.zeros(x_shape))

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        loc = self.place(z, c)
        scale = self.scale * self.log_scale.clamp_min(_LOG_SCALE_FLOOR).exp()
        each = LaplaceDistribution(loc, scale.expand_as(loc), validate_args=False)
        return self.independent(each)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the mean and the scale to that of the standard deviation, b sqrt(2)."""
        self.bias[0] = (mean - self.shift) / self.scale
        self.log_scale.copy_((std / self.scale / 2**0.5).clamp_min(1e-2).log())
