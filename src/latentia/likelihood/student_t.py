"""The decoder with Student's t, for data with heavy tails."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent
from torch.distributions import StudentT as StudentTDistribution

from latentia.likelihood._located import Located
from latentia.likelihood.base import Support
from latentia.network.base import Network

__all__ = ["StudentT"]

# Relative to the data's own spread, as the Gaussian's.
_LOG_SCALE_FLOOR = -6.0
# log(nu - 2): below, the variance is beyond float32's sums; above, the density is a Gaussian's.
_LOG_EXCESS = (-4.0, 7.0)


@final
class StudentT(Located):
    r"""The decoder with Student's t: wild values cost the logarithm of their distance.

    .. math:: p(x_d|z) = \frac{\Gamma(\frac{\nu+1}{2})}{\Gamma(\frac{\nu}{2})\sqrt{\nu\pi} s}
        \Big(1 + \frac{(x_d - m_d(z))^2}{\nu s^2}\Big)^{-\frac{\nu+1}{2}}

    Scale s and degrees of freedom nu are learned, one of each for every dimension; nu stays above
    2, so that there are a mean and a variance.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Lange, Little and Taylor, "Robust statistical modeling using the t distribution", 1989;
        Takahashi et al., "Student-t variational autoencoder for robust density estimation", 2018.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = StudentT(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.event_shape
        torch.Size([5])
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"real", "unit", "levels"})

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(network, x_shape, latent_dim)
        self.log_scale = nn.Parameter(torch.zeros(x_shape))
        # nu = 2 + exp(1): heavy enough for the tails to be felt from the first step.
        self.log_excess = nn.Parameter(torch.ones(x_shape))

    @property
    def degrees_of_freedom(self) -> Tensor:
        """The degrees of freedom nu of every dimension, (*x_shape)."""
        return 2 + self.log_excess.clamp(*_LOG_EXCESS).exp()

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        loc = self.place(z, c)
        scale = self.scale * self.log_scale.clamp_min(_LOG_SCALE_FLOOR).exp()
        df = self.degrees_of_freedom.expand_as(loc)
        each = StudentTDistribution(df, loc, scale.expand_as(loc), validate_args=False)
        return self.independent(each)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the mean and the scale to that of the data's variance."""
        self.bias[0] = (mean - self.shift) / self.scale
        df = self.degrees_of_freedom
        relative = std / self.scale * ((df - 2) / df).sqrt()
        self.log_scale.copy_(relative.clamp_min(1e-2).log())
