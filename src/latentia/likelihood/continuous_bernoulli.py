"""The continuous Bernoulli decoder."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.continuous_bernoulli import (
    ContinuousBernoulli as ContinuousBernoulliDistribution,
)
from latentia.likelihood.base import Likelihood, Support

__all__ = ["ContinuousBernoulli"]


@final
class ContinuousBernoulli(Likelihood):
    r"""The continuous Bernoulli decoder: a true density of grey values in [0, 1].

    .. math:: \log p(x|z) = \sum_d x_d \lambda_d - \log(1 + e^{\lambda_d}) + \log C(\lambda_d)

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = ContinuousBernoulli(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.rand(3, 5))  # logits 0: uniform, so log 1
        tensor([0., 0., 0.], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"unit", "levels"})

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        logits = self.emit_one(z, c)
        return self.independent(ContinuousBernoulliDistribution(logits))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias so that E[x] is the training mean, by bisection on the logit."""
        target = mean.clamp(0.01, 0.99)
        low, high = torch.full_like(target, -110.0), torch.full_like(target, 110.0)
        for _ in range(40):
            middle = (low + high) / 2
            below = ContinuousBernoulliDistribution(middle).mean < target
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        self.bias[0] = (low + high) / 2
