"""The Poisson decoder, for counts."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.poisson import Poisson as PoissonDistribution
from latentia.likelihood.base import Likelihood, Support

__all__ = ["Poisson"]

# A rate within float32's whole numbers, and never so small that its logarithm is lost.
_LOG_RATE = (-20.0, 16.0)


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

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        return self.independent(PoissonDistribution(self.emit_one(z).clamp(*_LOG_RATE)))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the logarithm of the mean."""
        self.bias[0] = mean.clamp_min(1e-4).log()
