"""The evidence lower bound, with its usual schedules."""

from __future__ import annotations

from math import inf, prod
from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.hierarchy import Plan
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, risen
from latentia.posterior.ladder import Ladder

__all__ = ["ELBO", "balance_of"]

# Nats that every group of a ladder is said to have beyond its own, so that none has no share.
_LEAST = 0.01


@final
class ELBO(Objective):
    r"""The evidence lower bound, E_q[log p(x|z)] - beta KL(q(z|x) || p(z)).

    .. math:: \log p(x) \ge E_q[\log p(x|z)] - KL(q(z|x) \| p(z))

    With beta = 1, no warm-up and no free bits this is the bound itself; anything else is an
    objective, and the bound is reported beside it.

    Groups g of a ladder may be balanced through the warm-up: each KL_g costs

    .. math:: \gamma_g KL_g, \quad \gamma_g \propto \overline{KL}_g / L_g, \quad
        \textstyle\sum_{g=1}^G \gamma_g = G

    so that a group of many nats per latent pays more for another, and one that is hardly used
    pays less. The weights are those of the batch, without a gradient. Afterwards they are 1.

    Arguments:
        beta: Weight of the KL term.
        warmup: Epochs over which beta rises linearly from 0.
        free_bits: Nats per latent below which, in the batch mean, KL costs nothing.
        samples: K, draws of z for each example.
        balance: Whether the groups of a ladder are balanced through the warm-up.

    References:
        Kingma and Welling, 2014; Higgins et al., "beta-VAE", 2017; Bowman et al., "Generating
        sentences from a continuous space" (warm-up), 2016; Kingma et al., "Inverse
        autoregressive flow" (free bits), 2016; Vahdat and Kautz, "NVAE" (balance), 2020.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None)
        >>> ELBO(beta=2.0)(terms)
        tensor([-7., -7.])
    """

    relaxes: ClassVar[bool] = True

    def __init__(
        self,
        *,
        beta: float = 1.0,
        warmup: float = 0.0,
        free_bits: float = 0.0,
        samples: int = 1,
        balance: bool = False,
    ) -> None:
        if beta < 0 or warmup < 0 or free_bits < 0 or samples < 1:
            raise UsageError(
                f"An ELBO cannot have beta={beta}, warmup={warmup}, free_bits={free_bits}, "
                f"samples={samples}.",
                where="--objective.*",
                how="None of them can be negative, and samples is at least 1.",
            )
        if balance and (not warmup or free_bits):
            raise UsageError(
                "The groups of a ladder are balanced through the warm-up and without free bits, "
                f"not with warmup={warmup}, free_bits={free_bits}.",
                where="--objective.balance",
                how="Use --objective.warmup 20, say, and leave free bits out.",
            )
        self.beta, self.warmup, self.free_bits, self.samples = beta, warmup, free_bits, samples
        self.balance = balance
        self.settles = warmup
        self.is_elbo = beta == 1 and not free_bits and samples == 1

    def require(self, model: LatentVariableModel) -> None:
        """Refuse to balance groups where there are none."""
        super().require(model)
        if self.balance and not isinstance(model.posterior, Ladder):
            raise UsageError(
                "The latents of this model stand in no groups that could be balanced.",
                where="--objective.balance",
                how="Use --network ladder, or leave it out.",
            )

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with what the KL is more where groups are balanced as penalty."""
        terms = super().terms(model, x, given=given)
        if not self.balance or terms.kl_per_dim is None:
            return terms
        assert isinstance(model.posterior, Ladder)
        weight = balance_of(terms.kl_per_dim, model.posterior.plan)
        return terms._replace(penalty=(terms.kl_per_dim * (weight - 1)).sum(-1))

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return E_q[log p(x|z)] - beta KL with the schedules at `epoch`, (B,) nats."""
        cost = self._cost(terms)
        if terms.penalty is not None:
            # A number of the step where that is recorded before the epoch is known.
            cost = cost + terms.penalty * (epoch < self.warmup)
        return terms.reconstruction - self.weight(epoch) * cost

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


def balance_of(kl_per_dim: Tensor, plan: Plan) -> Tensor:
    r"""Return the weight of each latent's KL by which the groups of a ladder are balanced, (L,).

    .. math:: \gamma_g = G \frac{a_g}{\sum_i a_i}, \quad
        a_g = \frac{1}{L_g} \Big(\frac{1}{B} \sum_b KL_{bg} + 0.01\Big)

    Arguments:
        kl_per_dim: KL of each latent, (B, L) nats.
        plan: The shape of the ladder, whose group g has L_g latents.

    Returns:
        gamma_g of the group that each latent is of, without a gradient; its mean over the groups
        is 1.

    References:
        Vahdat and Kautz, "NVAE: a deep hierarchical variational autoencoder", 2020, appendix A.

    Example:
        >>> plan = Plan((1, 4, 4), groups=(1, 1), width=1, channels=2, patch=2, blocks=1)
        >>> balance_of(torch.tensor([[1.0, 0.2, 0.3, 0.5, 0.0]]), plan)
        tensor([1.6000, 0.4000, 0.4000, 0.4000, 0.4000])
    """
    sizes = [prod(shape) for shape in plan.shapes]
    groups = kl_per_dim.detach().mean(0).split(sizes)  # type: ignore[no-untyped-call]
    each = torch.stack([(group.sum() + _LEAST) / len(group) for group in groups])
    weight = each * (len(sizes) / each.sum())
    return torch.cat([one.expand(size) for one, size in zip(weight, sizes, strict=True)])
