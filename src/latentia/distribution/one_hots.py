"""Latents of which, in each group, one is 1 and all others are 0."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, OneHotCategorical, constraints, register_kl

from latentia.distribution.relaxation import Relaxation
from latentia.distribution.space import require_same_choices

__all__ = ["OneHots"]


@final
class OneHots(Distribution):
    r"""G independent choices of one of C, each written as C zeros with a one at its place.

    .. math:: P(z) = \prod_g \prod_k \pi_{gk}^{z_{gk}}

    The draw passes the gradient that its probabilities would (straight-through), or that of the
    relaxed draw of which it is the rounding. It is always a one among zeros.

    Arguments:
        logits: log pi up to a constant, (..., G, C).
        relaxation: By what draws the gradient passes instead, or None.

    References:
        Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
        neurons for conditional computation", 2013; Jang, Gu and Poole, "Categorical
        reparameterization with Gumbel-softmax", 2017 (relaxed backward, rounded forward).

    Example:
        >>> p = OneHots(torch.zeros(2, 3))
        >>> p.sample().shape, p.log_prob(torch.tensor([1.0, 0, 0, 0, 0, 1])).exp()
        (torch.Size([6]), tensor(0.1111))
    """

    arg_constraints = {"logits": constraints.real_vector}  # noqa: RUF012
    support = constraints.independent(constraints.boolean, 1)  # type: ignore[no-untyped-call]
    has_rsample = True

    def __init__(self, logits: Tensor, relaxation: Relaxation | None = None) -> None:
        self.logits, self.relaxation = logits.log_softmax(-1), relaxation
        self.groups, self.classes = logits.shape[-2:]
        event = torch.Size([self.groups * self.classes])
        super().__init__(logits.shape[:-2], event, validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The probabilities, (..., G C)."""
        return self.logits.exp().flatten(-2)

    @property
    def variance(self) -> Tensor:
        """The variance of each zero or one, (..., G C)."""
        return self.mean * (1 - self.mean)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw one of each group."""
        each = OneHotCategorical(logits=self.logits, validate_args=False)
        z: Tensor = each.sample(torch.Size(sample_shape))  # type: ignore[no-untyped-call]
        return z.flatten(-2)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw one of each group, with a gradient."""
        if self.relaxation is not None:
            return self.relaxation.one_hots(self.logits, torch.Size(sample_shape)).straight
        return self.sample(sample_shape) + (self.mean - self.mean.detach())

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, (...)."""
        return (value * self.logits.flatten(-2)).sum(-1)


@register_kl(OneHots, OneHots)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_one_hots(q: OneHots, p: OneHots) -> Tensor:
    """Return the sum over groups of sum_k q_k log(q_k / p_k)."""
    require_same_choices(q.groups, q.classes, p.groups, p.classes)
    return (q.logits.exp() * (q.logits - p.logits)).sum((-1, -2))
