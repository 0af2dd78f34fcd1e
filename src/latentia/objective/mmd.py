"""The bound with a price on the distance between the aggregate posterior and the prior."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, require_positive

__all__ = ["InfoVAE", "squared_mmd"]

# Multiples of the typical squared distance at which the kernel looks.
_SCALES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@final
class InfoVAE(Objective):
    r"""Reconstruction, a price on each KL, and one on the distance of q(z) from the prior.

    .. math:: E_q[\log p(x|z)] - \alpha\, KL(q(z|x) \| p(z))
        - \lambda\, \mathrm{MMD}^2(q(z), p(z)), \quad q(z) = E_x[q(z|x)]

    With alpha = 0 nothing is asked of a single q(z|x): that is an MMD-VAE, and with a Dirac
    posterior a Wasserstein autoencoder. The distance is the unbiased estimate with a sum of
    inverse multiquadric kernels, from the batch and as many draws of the prior. It is in no
    reported bound.

    Arguments:
        kl: alpha, the price of the KL; 1 - alpha in the paper's notation.
        weight: lambda, the price of the distance, in nats. In small batches the estimate is noisy:
            a large weight then drowns the reconstruction, and nothing is coded.

    References:
        Zhao, Song and Ermon, "InfoVAE", 2019; Tolstikhin et al., "Wasserstein auto-encoders",
        2018.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None, penalty=one[0])
        >>> InfoVAE(kl=0.5, weight=10)(terms)
        tensor([-12.5000, -12.5000])
    """

    is_tight: ClassVar[bool] = False
    of_batches: ClassVar[bool] = True

    def __init__(self, *, kl: float = 0.0, weight: float = 10.0) -> None:
        require_positive(kl=kl, weight=weight)
        self.kl, self.weight = kl, weight

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a prior from which nothing can be drawn."""
        super().require(model)
        if not model.prior.is_proper:
            raise UsageError(
                "The distance is one between draws, and this prior has none.",
                where="--objective mmd, --prior",
                how="Use --prior standard-normal: with --posterior dirac that is a Wasserstein "
                "autoencoder.",
            )
        if not self.kl and model.prior.is_learned:
            raise UsageError(
                "Without a price on the KL nothing moves a prior that learns: the distance is one "
                "from its draws.",
                where="--objective.kl 0, --prior",
                how="Use --prior standard-normal, or --objective.kl 1.",
            )

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with the squared distance of the batch as everyone's penalty."""
        q = model.posterior(x if given is None else given, None)
        z = q.rsample(torch.Size([self.samples]))
        terms = model.terms(x, z, q)
        if len(x) < 2:  # no pair to compare
            return terms
        drawn = model.draw_prior(len(x)).detach()
        return terms._replace(penalty=squared_mmd(z[0], drawn).expand(len(x)))

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return reconstruction less both prices, (B,) nats."""
        # 0 times an infinite KL is no number.
        kl = self.kl * terms.regularization if self.kl else 0.0
        distance = 0.0 if terms.penalty is None else self.weight * terms.penalty
        return terms.reconstruction - kl - distance


def squared_mmd(a: Tensor, b: Tensor) -> Tensor:
    r"""Return the unbiased estimate of the squared maximum mean discrepancy.

    .. math:: \frac{\sum_{i \ne j} k(a_i, a_j)}{n (n - 1)} + \frac{\sum_{i \ne j} k(b_i, b_j)}
        {n (n - 1)} - \frac{2}{n^2} \sum_{ij} k(a_i, b_j), \quad
        k(a, b) = \sum_s \frac{2 L s}{2 L s + \|a - b\|^2}

    2 L is the mean squared distance of two draws of a standard normal. The estimate may be
    negative; its expectation is not.

    Arguments:
        a: Draws of one distribution, (n, L).
        b: Draws of another, (n, L).

    Returns:
        A number without unit, ().
    """
    n = len(a)
    both = torch.cat([a, b])
    square = both.square().sum(-1)
    apart = (square[:, None] + square - 2 * both @ both.mT).clamp_min(0)
    scales = [2 * a.shape[1] * s for s in _SCALES]
    kernel = torch.stack([c / (c + apart) for c in scales]).sum(0)
    kernel = kernel - torch.diag(kernel.diagonal())
    same = kernel[:n, :n].sum() + kernel[n:, n:].sum()
    return same / (n * (n - 1)) - 2 * kernel[:n, n:].mean()
