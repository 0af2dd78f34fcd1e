"""The beta decoder, for numbers between 0 and 1."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.beta import Beta as BetaDistribution
from latentia.likelihood.base import Likelihood, Support

__all__ = ["Beta"]

# The mean keeps this far from 0 and 1, and the precision within what float32 can tell.
_LOGIT = 12.0
_LOG_PRECISION = (-3.0, 12.0)
_LEAST = 1e-4


@final
class Beta(Likelihood):
    r"""The beta decoder of mean m and precision phi, both of z: a density between 0 and 1.

    .. math:: p(x_d|z) = \frac{x_d^{m\varphi - 1} (1 - x_d)^{(1-m)\varphi - 1}}
        {B(m\varphi, (1-m)\varphi)}

    For shares and rates. At 0 and at 1 it has no density, so data that hold them are refused: a
    continuous Bernoulli describes those.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Ferrari and Cribari-Neto, "Beta regression for modelling rates and proportions", 2004.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Beta(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.mean[0]
        tensor([0.5000, 0.5000, 0.5000, 0.5000, 0.5000], grad_fn=<SelectBackward0>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"open-unit"})
    numbers = 2

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        logit, log_precision = self.emit(z, c).unbind(-1 - len(self.x_shape))
        mean = logit.clamp(-_LOGIT, _LOGIT).sigmoid()
        precision = log_precision.clamp(*_LOG_PRECISION).exp()
        one = (mean * precision).clamp_min(_LEAST)
        other = ((1 - mean) * precision).clamp_min(_LEAST)
        return self.independent(BetaDistribution(one, other))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to the beta of the data's mean and standard deviation."""
        mean = mean.clamp(1e-3, 1 - 1e-3)
        precision = mean * (1 - mean) / std.square().clamp_min(1e-8) - 1
        self.bias[0] = mean.logit()
        self.bias[1] = precision.clamp(0.1, 1e4).log()
