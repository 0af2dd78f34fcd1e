"""A categorical distribution whose values are the numbers 0, 1, ..., C - 1."""

from __future__ import annotations

from math import inf
from typing import final

import torch
from torch import Tensor
from torch.distributions import Categorical as TorchCategorical
from torch.distributions import Distribution, constraints

__all__ = ["Categorical"]


@final
class Categorical(Distribution):
    r"""The probability of each of C codes, P(x = k) proportional to exp(l_k).

    Values are floats, as data are; those that are no code have probability 0.

    Arguments:
        logits: l, (..., C).

    Example:
        >>> p = Categorical(torch.tensor([0.0, 0.0, -torch.inf]))
        >>> p.log_prob(torch.tensor([1.0, 0.5, 3.0])).exp()
        tensor([0.5000, 0.0000, 0.0000])
    """

    arg_constraints = {"logits": constraints.real_vector}  # noqa: RUF012
    support = constraints.nonnegative_integer

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits.log_softmax(-1)
        super().__init__(logits.shape[:-1], validate_args=False)

    @property
    def classes(self) -> int:
        """C, the number of codes."""
        return self.logits.shape[-1]

    @property
    def mean(self) -> Tensor:
        """The mean of the codes, which says something where they are in order."""
        codes = torch.arange(self.classes, device=self.logits.device)
        return (self.logits.exp() * codes).sum(-1)

    @property
    def variance(self) -> Tensor:
        """The variance of the codes."""
        codes = torch.arange(self.classes, device=self.logits.device)
        return (self.logits.exp() * (codes - self.mean[..., None]).square()).sum(-1)

    @property
    def mode(self) -> Tensor:
        """The most probable code."""
        return self.logits.argmax(-1).to(self.logits.dtype)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw codes."""
        drawn = TorchCategorical(logits=self.logits, validate_args=False)
        code: Tensor = drawn.sample(torch.Size(sample_shape))  # type: ignore[no-untyped-call]
        return code.to(self.logits.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, -inf for what is no code."""
        known = (value >= 0) & (value < self.classes) & (value == value.floor())
        code = torch.where(known, value, torch.zeros_like(value)).long()[..., None]
        shape = torch.broadcast_shapes(value.shape, self.batch_shape)  # type: ignore[no-untyped-call]
        logits = self.logits.expand(*shape, self.classes)
        found = logits.gather(-1, code.expand(*shape, 1)).squeeze(-1)
        return torch.where(known, found, torch.full_like(found, -inf))
