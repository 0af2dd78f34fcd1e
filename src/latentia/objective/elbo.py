"""The evidence lower bound, with its usual schedules."""

from __future__ import annotations

from math import inf
from typing import final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.base import Objective, risen

__all__ = ["ELBO"]


@final
class ELBO(Objective):
    r"""The evidence lower bound, E_q[log p(x|z)] - beta KL(q(z|x) || p(z)).

    .. math:: \log p(x) \ge E_q[\log p(x|z)] - KL(q(z|x) \| p(z))

    With beta = 1, no warm-up and no free bits this is the bound itself; anything else is an
    objective, and the bound is reported beside it.

    Arguments:
        beta: Weight of the KL term.
        warmup: Epochs over which beta rises linearly from 0.
        free_bits: Nats per latent below which, in the batch mean, KL costs nothing.
        samples: K, draws of z for each example.

    References:
        Kingma and Welling, 2014; Higgins et al., "beta-VAE", 2017; Bowman et al., "Generating
        sentences from a continuous space" (warm-up), 2016; Kingma et al., "Inverse
        autoregressive flow" (free bits), 2016.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None)
        >>> ELBO(beta=2.0)(terms)
        tensor([-7., -7.])
    """

    def __init__(
        self,
        *,
        beta: float = 1.0,
        warmup: float = 0.0,
        free_bits: float = 0.0,
        samples: int = 1,
    ) -> None:
        if beta < 0 or warmup < 0 or free_bits < 0 or samples < 1:
            raise UsageError(
                f"An ELBO cannot have beta={beta}, warmup={warmup}, free_bits={free_bits}, "
                f"samples={samples}.",
                where="--objective.*",
                how="None of them can be negative, and samples is at least 1.",
            )
        self.beta, self.warmup, self.free_bits, self.samples = beta, warmup, free_bits, samples
        self.settles = warmup
        self.is_elbo = beta == 1 and not free_bits and samples == 1

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return E_q[log p(x|z)] - beta KL with the schedules at `epoch`, (B,) nats."""
        return terms.reconstruction - self.weight(epoch) * self._cost(terms)

    def weight(self, epoch: float | Tensor) -> float | Tensor:
        """Return beta at an epoch: rising linearly through the warm-up, then constant."""
        return self.beta * risen(epoch, self.warmup)

    def _cost(self, terms: Terms) -> Tensor:
        if not self.free_bits:
            return terms.regularization
        if terms.kl_per_dim is None:
            raise UsageError(
                "Free bits are given per latent, and this posterior and prior do not factorize.",
                where="--objective.free_bits",
                how="Leave free bits out, or use a factorized prior and posterior.",
            )
        per_dim = terms.kl_per_dim
        free = per_dim.mean(0) < self.free_bits
        return torch.where(free, torch.full_like(per_dim, self.free_bits), per_dim).sum(-1)
