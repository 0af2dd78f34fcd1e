"""The Poisson decoder, for counts."""

from __future__ import annotations

from math import exp
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent
from torch.nn.functional import softplus

from latentia.distribution.poisson import Poisson as PoissonDistribution
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["Poisson"]

# A rate within float32's whole numbers, and never so small that its logarithm is lost.
_LOG_RATE = (-20.0, 18.0)
# No cell's rate comes near so many standard deviations above its mean. An exponential that runs
# away on a single row would cost a million nats and throw the weights off for good.
_DEVIATIONS = 30.0


@final
class Poisson(Likelihood):
    r"""The Poisson decoder: counts with the rate r(z), which is their mean and their variance.

    .. math:: \log P(x|z) = \sum_d x_d \log r_d(z) - r_d(z) - \log x_d!

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Gopalan, Hofman and Blei, "Scalable recommendation with Poisson factorization", 2013.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Poisson(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.ones(3, 5))  # the rate is 1
        tensor([-5., -5., -5.], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"counts"})
    is_mass: ClassVar[bool] = True
    highest: Tensor

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__(network, x_shape, latent_dim)
        # log of the rate that is never reached, one for each dimension.
        self.register_buffer("highest", torch.full(x_shape, _LOG_RATE[1]))

    @staticmethod
    def seen(x: Tensor) -> Tensor:
        """Return log(1 + x): a count of a thousand among ones would be all that is seen."""
        return x.clamp_min(0).log1p()

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        log_rate = self.highest - softplus(self.highest - self.emit_one(z, c))
        return self.independent(PoissonDistribution(log_rate.clamp_min(_LOG_RATE[0])))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the logarithm of the mean, and the highest rate far above it."""
        mean = mean.clamp(1e-4, exp(_LOG_RATE[1] - 1))
        highest = (mean + _DEVIATIONS * (std + mean.sqrt())).log()
        self.highest.copy_(highest.clamp_max(_LOG_RATE[1]))
        # What the soft bound takes from the mean, given back.
        self.bias[0] = self.highest - torch.log(torch.expm1(self.highest - mean.log()))
