"""A mixture of diagonal Gaussians whose density is two products of matrices."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

__all__ = ["GaussianMixture"]


@final
class GaussianMixture(MixtureSameFamily):
    r"""The mixture :math:`\sum_c \pi_c N(z; \mu_c, \mathrm{diag}\,\sigma_c^2)`.

    .. math:: \sum_l \frac{(z_l - \mu_{cl})^2}{\sigma_{cl}^2}
        = z^2 \cdot \sigma_c^{-2} - 2 z \cdot \mu_c \sigma_c^{-2} + \mu_c^2 \cdot \sigma_c^{-2}

    For a thousand z and five hundred components that is two products instead of as many
    differences; in float64, since the parts may be far larger than their sum.

    Arguments:
        logits: log pi up to a constant, (C,).
        loc: mu, (C, L).
        scale: sigma, (C, L).

    Example:
        >>> p = GaussianMixture(torch.zeros(2), torch.zeros(2, 3), torch.ones(2, 3))
        >>> p.log_prob(torch.zeros(4, 3))
        tensor([-2.7568, -2.7568, -2.7568, -2.7568])
    """

    def __init__(self, logits: Tensor, loc: Tensor, scale: Tensor) -> None:
        self.loc, self.scale = loc, scale
        super().__init__(
            Categorical(logits=logits, validate_args=False),
            Independent(Normal(loc, scale, validate_args=False), 1, validate_args=False),
            validate_args=False,
        )

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, (...), for values (..., L)."""
        z, loc, precision = value.double(), self.loc.double(), self.scale.double() ** -2
        distance = z.square() @ precision.T - 2 * z @ (loc * precision).T
        distance = distance + (loc.square() * precision).sum(-1)
        constant = self.scale.double().log().sum(-1) + 0.5 * math.log(2 * math.pi) * z.shape[-1]
        share = self.mixture_distribution.logits.double().log_softmax(-1)
        return torch.logsumexp(share - constant - distance / 2, -1).to(value.dtype)
