"""The prior of latents that are 0 or 1."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli as BernoulliDistribution
from torch.distributions import Distribution, Independent

from latentia.distribution.space import Space
from latentia.prior.base import Prior

__all__ = ["Bernoulli"]

_LOGIT_LIMIT = 16.0


@final
class Bernoulli(Prior):
    r"""Independent latents that are 1 with learned probabilities, one half at first.

    .. math:: p(z) = \prod_l \pi_l^{z_l} (1 - \pi_l)^{1 - z_l}

    Arguments:
        latent_dim: L, the number of latents.

    References:
        Mnih and Gregor, "Neural variational inference and learning in belief networks", 2014.

    Example:
        >>> Bernoulli(3)().log_prob(torch.ones(3)).exp()
        tensor(0.1250, grad_fn=<ExpBackward0>)
    """

    space: ClassVar[Space] = "binary"

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the prior, event (L,)."""
        logits = self.logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT)
        each = BernoulliDistribution(logits=logits, validate_args=False)
        return Independent(each, 1, validate_args=False)
