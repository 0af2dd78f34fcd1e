"""Choices made one after the other, each given those before."""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, OneHotCategorical, constraints, register_kl

from latentia.distribution.one_hots import OneHots
from latentia.distribution.space import require_same_choices

__all__ = ["Autoregressive"]


@final
class Autoregressive(Distribution):
    r"""G choices of one of C, each given all before it.

    .. math:: P(z) = \prod_g P(z_g | z_1, \dots, z_{g-1})

    Its density takes one pass of the network, a draw G of them.

    Arguments:
        logits_of: From choices as zeros and ones (N, G, C) to the logits of each given those
            before it, (N, G, C).
        groups: G.
        classes: C.
        like: A tensor of the type and on the device of what is drawn.
        binary: Whether z is written as one number for each choice of two, 0 or 1, (..., G); else
            as OneHots are, (..., G C).

    References:
        Gregor et al., "Deep autoregressive networks", 2014; Uria et al., "Neural autoregressive
        distribution estimation", 2016.

    Example:
        >>> p = Autoregressive(torch.zeros_like, 2, 3, torch.zeros(0))
        >>> p.sample().shape, p.log_prob(torch.tensor([1.0, 0, 0, 0, 0, 1])).exp()
        (torch.Size([6]), tensor(0.1111))
    """

    arg_constraints = {}  # noqa: RUF012
    support = constraints.independent(constraints.boolean, 1)  # type: ignore[no-untyped-call]

    def __init__(
        self,
        logits_of: Callable[[Tensor], Tensor],
        groups: int,
        classes: int,
        like: Tensor,
        *,
        binary: bool = False,
    ) -> None:
        self._logits_of, self.groups, self.classes = logits_of, groups, classes
        self.like, self.binary = like, binary
        event = torch.Size([groups if binary else groups * classes])
        super().__init__(torch.Size(), event, validate_args=False)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw one choice after the other, (*sample_shape, *event)."""
        shape = torch.Size(sample_shape)
        z = self.like.new_zeros(shape.numel(), self.groups, self.classes)
        for group in range(self.groups):
            each = OneHotCategorical(logits=self._logits_of(z)[:, group], validate_args=False)
            z[:, group] = each.sample()  # type: ignore[no-untyped-call]
        return self._written(z).reshape(*shape, *self.event_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, (...)."""
        z = self._read(value.reshape(-1, *self.event_shape))
        found = (z * self._logits_of(z).log_softmax(-1)).sum((-1, -2))
        return found.reshape(value.shape[:-1])

    def _read(self, z: Tensor) -> Tensor:
        """Return z (N, L) as choices, (N, G, C)."""
        if self.binary:
            return torch.stack([1 - z, z], -1)
        return z.reshape(len(z), self.groups, self.classes)

    def _written(self, z: Tensor) -> Tensor:
        """Return choices (N, G, C) as z, (N, L)."""
        return z[..., 1] if self.binary else z.flatten(1)


@register_kl(OneHots, Autoregressive)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_one_hots_autoregressive(q: OneHots, p: Autoregressive) -> Tensor:
    """Refuse other choices; else there is no closed form, and draws estimate it."""
    require_same_choices(q.groups, q.classes, p.groups, p.classes)
    raise NotImplementedError
