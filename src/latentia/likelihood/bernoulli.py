"""The Bernoulli decoder."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.distribution.bernoulli import Bernoulli as BernoulliDistribution
from latentia.distribution.bernoulli import IndependentBernoulli
from latentia.likelihood.base import Likelihood, Support

__all__ = ["Bernoulli"]


@final
class Bernoulli(Likelihood):
    r"""The Bernoulli decoder for black-and-white pixels.

    .. math:: \log p(x|z) = \sum_d x_d \log p_d(z) + (1 - x_d) \log (1 - p_d(z))

    On grey values the same formula is the cross-entropy of the tutorial's code and no density.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Kingma and Welling, "Auto-encoding variational Bayes", 2014.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Bernoulli(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.batch_shape, p.event_shape
        (torch.Size([3]), torch.Size([5]))
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"binary"})
    is_mass: ClassVar[bool] = True
    is_coarse: ClassVar[bool] = True

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        logits = self.emit_one(z, c)
        return IndependentBernoulli(BernoulliDistribution(logits), len(self.x_shape))

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to logit(mean), with the mean kept within [0.001, 0.999]."""
        self.bias[0] = torch.logit(mean.clamp(0.001, 0.999))
