"""The negative binomial decoder, for counts that vary more than a Poisson."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.distribution.negative_binomial import (
    NegativeBinomial as NegativeBinomialDistribution,
)
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["NegativeBinomial"]

_LOG_MEAN = (-20.0, 18.0)
# Below, nearly every count is 0 whatever the mean; above, it is a Poisson to every digit.
_LOG_DISPERSION = (-7.0, 14.0)
_LOGIT = 15.0


@final
class NegativeBinomial(Likelihood):
    r"""The negative binomial decoder: counts of mean m(z) and variance m + m^2 / r.

    .. math:: P(x_d|z) = \frac{\Gamma(x_d + r_d)}{\Gamma(r_d)\, x_d!}
        \Big(\frac{r_d}{r_d + m_d(z)}\Big)^{r_d} \Big(\frac{m_d(z)}{r_d + m_d(z)}\Big)^{x_d}

    The dispersion r is learned, one for each dimension. With more zeros, a share pi(z) of the
    cells is 0 before anything is counted.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        zero_inflated: Whether there are more zeros than counting explains.

    References:
        Lopez et al., "Deep generative modeling for single-cell transcriptomics" (scVI), 2018.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = NegativeBinomial(Linear(), (5,), 2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.zeros(3, 5))  # mean 1 and r = 1: 5 log(1/2)
        tensor([-3.4657, -3.4657, -3.4657], grad_fn=<SumBackward1>)
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"counts"})
    is_mass: ClassVar[bool] = True

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        zero_inflated: bool = False,
    ) -> None:
        self.zero_inflated, self.numbers = zero_inflated, 2 if zero_inflated else 1
        super().__init__(network, x_shape, latent_dim)
        self.log_dispersion = nn.Parameter(torch.zeros(x_shape))

    @staticmethod
    def seen(x: Tensor) -> Tensor:
        """Return log(1 + x): a count of a thousand among ones would be all that is seen."""
        return x.clamp_min(0).log1p()

    def forward(self, z: Tensor, c: Tensor | None = None) -> Independent[Distribution]:
        """Return p(x|z), batch (...), event (*x_shape)."""
        log_mean, *rest = self.emit(z, c).unbind(-1 - len(self.x_shape))
        log_dispersion = self.log_dispersion.clamp(*_LOG_DISPERSION)
        zeros = rest[0].clamp(-_LOGIT, _LOGIT) if rest else None
        each = NegativeBinomialDistribution(log_mean.clamp(*_LOG_MEAN), log_dispersion, zeros)
        return self.independent(each)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Start at the data's mean, and at their variance where it is beyond a Poisson's.

        Of the zeros a twentieth are taken for no counts, which leaves the mean as it is.
        """
        mean = mean.clamp_min(1e-4)
        self.bias[0] = mean.log()
        if self.zero_inflated:
            none = torch.full_like(mean, 0.05)
            self.bias[0] -= torch.log1p(-none)
            self.bias[1] = none.logit()
        beyond = (std.square() - mean).clamp_min(1e-3 * mean)
        self.log_dispersion.copy_((mean.square() / beyond).clamp(1e-2, 1e3).log())
