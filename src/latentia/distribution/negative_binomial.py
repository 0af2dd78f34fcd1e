"""A negative binomial by its mean, exact for any dispersion, with more zeros if wanted."""

from __future__ import annotations

from math import inf
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.nn.functional import logsigmoid, softplus

__all__ = ["NegativeBinomial"]


@final
class NegativeBinomial(Distribution):
    r"""Counts of mean m whose variance is m + m^2 / r; of a share pi nothing is counted at all.

    .. math:: P(x) = \pi [x = 0] + (1 - \pi) \frac{\Gamma(x + r)}{\Gamma(r)\, x!}
        \Big(\frac{r}{r + m}\Big)^r \Big(\frac{m}{r + m}\Big)^x

    It tends to a Poisson as r grows, where log Gamma(x + r) - log Gamma(r) would lose all digits
    of float32: these are computed in float64.

    Arguments:
        log_mean: log m, any shape.
        log_dispersion: log r, broadcastable to it.
        zero_logits: The logit of pi, or None for no zeros but the distribution's own.

    References:
        Lambert, "Zero-inflated Poisson regression", 1992; Lopez et al., "Deep generative modeling
        for single-cell transcriptomics" (scVI), 2018.

    Example:
        >>> p = NegativeBinomial(torch.tensor(0.0), torch.tensor(0.0))  # geometric
        >>> p.log_prob(torch.tensor([0.0, 1.0, 0.5])).exp()
        tensor([0.5000, 0.2500, 0.0000])
    """

    arg_constraints = {  # noqa: RUF012
        "log_mean": constraints.real,
        "log_dispersion": constraints.real,
        "zero_logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, log_mean: Tensor, log_dispersion: Tensor, zero_logits: Tensor | None = None
    ) -> None:
        self.log_mean = log_mean
        self.log_dispersion = log_dispersion.expand_as(log_mean)
        self.zero_logits = zero_logits
        super().__init__(log_mean.shape, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The mean, (1 - pi) m."""
        mean = self.log_mean.exp()
        return mean if self.zero_logits is None else mean * torch.sigmoid(-self.zero_logits)

    @property
    def variance(self) -> Tensor:
        """The variance, (1 - pi) (m + m^2 / r + pi m^2)."""
        mean = self.log_mean.exp()
        own = mean + mean.square() * (-self.log_dispersion).exp()
        if self.zero_logits is None:
            return own
        pi = torch.sigmoid(self.zero_logits)
        return (1 - pi) * (own + pi * mean.square())

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw counts: Poissons whose rates are gamma distributed."""
        shape = self._extended_shape(torch.Size(sample_shape))
        r = self.log_dispersion.exp().expand(shape)
        rate = torch._standard_gamma(r) / r * self.log_mean.exp()
        drawn = torch.poisson(rate)
        if self.zero_logits is None:
            return drawn
        return drawn * (torch.rand_like(drawn) >= torch.sigmoid(self.zero_logits))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, -inf for what is no count."""
        counted = self.support.check(value)  # type: ignore[no-untyped-call]
        x = torch.where(counted, value, torch.zeros_like(value)).double()
        log_r, log_m = self.log_dispersion.double(), self.log_mean.double()
        r, odds = log_r.exp(), log_m - log_r
        found = torch.lgamma(x + r) - torch.lgamma(r) - torch.lgamma(x + 1)
        found = found - r * softplus(odds) + x * logsigmoid(odds)
        if self.zero_logits is not None:
            pi = self.zero_logits.double()
            left = logsigmoid(-pi) + found
            found = torch.where(
                x == 0, torch.logaddexp(logsigmoid(pi).expand_as(left), left), left
            )
        return torch.where(counted, found, torch.full_like(found, -inf)).to(self.log_mean.dtype)
