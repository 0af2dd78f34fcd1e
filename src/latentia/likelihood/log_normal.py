"""The log-normal decoder, for positive numbers."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.distribution.log_normal import LogNormal as LogNormalDistribution
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["LogNormal"]

# Relative to the spread of the data's logarithms, as the Gaussian's.
_LOG_SIGMA_FLOOR = -6.0


@final
class LogNormal(Likelihood):
    r"""The log-normal decoder: log x is Gaussian given z, so x is positive and errors are ratios.

    .. math:: \log p(x|z) = \sum_d -\frac{(\log x_d - \mu_d(z))^2}{2 \sigma_d^2}
        - \log \sigma_d - \tfrac{1}{2} \log 2\pi - \log x_d

    The last term is the density's, in the units of x; sigma is learned, one for each dimension.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Nazabal et al., "Handling incomplete heterogeneous data using VAEs", 2020.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = LogNormal(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.ones(3, 5))
        tensor([-4.5947, -4.5947, -4.5947], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"positive"})
    shift: Tensor
    scale: Tensor

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(network, x_shape, latent_dim)
        self.register_buffer("shift", torch.zeros(x_shape))
        self.register_buffer("scale", torch.ones(x_shape))
        self.log_sigma = nn.Parameter(torch.zeros(x_shape))

    @staticmethod
    def seen(x: Tensor) -> Tensor:
        """Return log x, which is Gaussian given z."""
        return x.clamp_min(torch.finfo(x.dtype).tiny).log()

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        loc = self.shift + self.scale * self.emit_one(z, c)
        sigma = self.scale * self.log_sigma.clamp_min(_LOG_SIGMA_FLOOR).exp()
        return self.independent(LogNormalDistribution(loc, sigma.expand_as(loc)))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start at the log-normal of the data's mean and standard deviation, in its own units."""
        mean = mean.clamp_min(torch.finfo(mean.dtype).tiny)
        # The ratio is bounded: its square is what a few wild values may make of it.
        variance = (std / mean).clamp(1e-2, 1e3).square().log1p()
        self.shift.copy_(mean.log() - variance / 2)
        self.scale.copy_(variance.sqrt())
        self.bias.zero_()
        self.log_sigma.zero_()
