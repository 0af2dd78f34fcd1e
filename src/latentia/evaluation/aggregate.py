"""The aggregate posterior q(z): how the KL term splits into information and mismatch."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.errors import UsageError
from latentia.evidence.base import require_density
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["Aggregate", "aggregate"]

# Rows of the table of densities log q(z_i|x_j) that are held at once.
_ROWS = 256


class Aggregate(NamedTuple):
    """The parts of the mean KL(q(z|x) || p(z)) over n examples, in nats.

    Arguments:
        mutual_information: I(x; z) between example and latent, at most log n.
        marginal_kl: KL(q(z) || p(z)) of the aggregate posterior from the prior.
        total_correlation: KL(q(z) || prod_d q(z_d)), part of the former; None where q(z|x) does
            not factorize.
        kl: The mean KL(q(z|x) || p(z)), the sum of the first two.
    """

    mutual_information: float
    marginal_kl: float
    total_correlation: float | None
    kl: float


@torch.no_grad()
def aggregate(
    model: LatentVariableModel, examples: Examples, *, seed: int = 0, samples: int = 1
) -> Aggregate:
    r"""Split the mean KL of n examples at their own aggregate posterior.

    .. math:: \frac{1}{n} \sum_i KL(q(z|x_i) \| p(z)) = I(x; z) + KL(q(z) \| p(z)), \quad
        q(z) = \frac{1}{n} \sum_j q(z|x_j)

    All n densities enter every q(z), so nothing is biased by a batch; the expectations are over
    draws of z from every q(z|x_i). Time grows with n^2, memory with n.

    Arguments:
        model: A model whose posterior has a density and whose prior is proper.
        examples: n examples.
        seed: Seed of the binarization and of z.
        samples: Draws of z for each example.

    Returns:
        `Aggregate`, nats.

    Raises:
        UsageError: if every example has a prior of its own, or log q(z|x) is unknown of others' z.

    References:
        Hoffman and Johnson, "ELBO surgery", 2016; Chen et al., "Isolating sources of
        disentanglement in VAEs", 2018.
    """
    require_density(model, "--posterior")
    with model.evaluating():
        x, c = examples.whole(seed)
        with model.given(c):
            q, prior = model.posterior(x), model.prior()
        if prior.batch_shape:
            raise UsageError(
                "Under a prior p(z|c) there is no one prior from which the mean of all posteriors "
                "could be away.",
                how="Ask this of a model whose prior knows nothing of the conditions.",
            )
        with seeded(seed, 5):
            z = q.sample(torch.Size([samples]))
        log_qz_x, log_pz = q.log_prob(z).double(), prior.log_prob(z).double()
        log_qz, log_factors = _marginals(q, z.flatten(0, 1))
    information = float(log_qz_x.mean() - log_qz.mean())
    mismatch = float(log_qz.mean() - log_pz.mean())
    correlation = None if log_factors is None else float((log_qz - log_factors).mean())
    return Aggregate(information, mismatch, correlation, information + mismatch)


def _marginals(q: Distribution, z: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return log q(z_i) and the sum of log q(z_id) over d, (m,) each, for z (m, L)."""
    whole, factors = [], []
    for rows in z.split(_ROWS):  # type: ignore[no-untyped-call]
        if isinstance(q, Independent):
            each = q.base_dist.log_prob(rows[:, None]).double()
            factors.append((each.logsumexp(1) - log(each.shape[1])).sum(-1))
            table = each.sum(-1)
        else:
            table = q.log_prob(rows[:, None]).double()
        whole.append(table.logsumexp(1) - log(table.shape[1]))
    return torch.cat(whole), torch.cat(factors) if factors else None
