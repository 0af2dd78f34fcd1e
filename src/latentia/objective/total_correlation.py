"""The bound with a price on what latents say together."""

from __future__ import annotations

from math import inf, log
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, require_positive

__all__ = ["BetaTCVAE"]


@final
class BetaTCVAE(Objective):
    r"""The ELBO with the total correlation of the aggregate posterior charged beta times.

    .. math:: \mathrm{ELBO} - (\beta - 1)\, KL\Big(q(z) \,\Big\|\, \prod_d q(z_d)\Big), \quad
        q(z) = E_x[q(z|x)]

    The KL of the ELBO is the information of z about x, the total correlation, and the latents' own
    divergences from the prior; beta weighs the second alone. q(z) is estimated by the mixture of
    the batch's posteriors, so large batches tell more. It is in no reported bound.

    Arguments:
        beta: What the total correlation costs; 1 is the ELBO.

    References:
        Chen et al., "Isolating sources of disentanglement in VAEs" (beta-TCVAE), 2018.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None, penalty=one[0])
        >>> BetaTCVAE(beta=6.0)(terms)
        tensor([-9., -9.])
    """

    of_batches: ClassVar[bool] = True

    def __init__(self, *, beta: float = 6.0) -> None:
        require_positive(beta=beta)
        self.beta = beta

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with each example's part of the total correlation as the penalty."""
        q = model.posterior(x if given is None else given, None)
        z = q.rsample(torch.Size([self.samples]))
        return model.terms(x, z, q)._replace(penalty=correlation(q, z).mean(0))

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the ELBO less (beta - 1) times the total correlation, (B,) nats."""
        if terms.penalty is None:
            return terms.elbo
        return terms.elbo - (self.beta - 1) * terms.penalty


def correlation(q: Distribution, z: Tensor) -> Tensor:
    r"""Return log q(z) - sum_d log q(z_d), whose mean is the total correlation.

    .. math:: \log q(z) = \log \frac{1}{B} \sum_j \prod_d q(z_d|x_j)

    Arguments:
        q: q(z|x), factorized, batch (B,), event (L,).
        z: Draws of it, (K, B, L).

    Returns:
        (K, B) nats.

    Raises:
        UsageError: if q does not factorize.
    """
    if not isinstance(q, Independent):
        raise UsageError(
            "The total correlation is estimated from the latents' own densities, and this "
            "posterior does not factorize.",
            where="--objective total-correlation",
            how="Use --posterior gaussian, or another objective.",
        )
    each = q.base_dist.log_prob(z[:, :, None])  # of draw i under the posterior of example j
    n = log(each.shape[2])
    joint: Tensor = each.sum(-1).logsumexp(2) - n
    alone: Tensor = (each.logsumexp(2) - n).sum(-1)
    return joint - alone
