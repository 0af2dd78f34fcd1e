"""All mass on one point: what an autoencoder's encoder returns."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints, register_kl

from latentia.distribution.flat import Flat

__all__ = ["Dirac"]


@final
class Dirac(Distribution):
    r"""The point mass :math:`\delta(z - \mu)`.

    It has no density with respect to volume. Its `log_prob` is that of the point under the
    counting measure on :math:`\{\mu\}`: 0 nats there and minus infinity elsewhere.

    Arguments:
        loc: The point :math:`\mu`, shape (..., L); the last axis is the event.

    Example:
        >>> Dirac(torch.tensor([1.0, 2.0])).log_prob(torch.tensor([1.0, 2.0]))
        tensor(0.)
    """

    arg_constraints = {"loc": constraints.real_vector}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor) -> None:
        self.loc = loc
        super().__init__(loc.shape[:-1], loc.shape[-1:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The point itself, (..., L)."""
        return self.loc

    @property
    def variance(self) -> Tensor:
        """Zero, (..., L)."""
        return torch.zeros_like(self.loc)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Return the point, repeated."""
        return self.loc.expand(self._extended_shape(torch.Size(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """Return 0 nats at the point and minus infinity elsewhere."""
        here = (value == self.loc).all(-1)
        zero = torch.zeros_like(value[..., 0])
        return torch.where(here, zero, torch.full_like(zero, -torch.inf))


@register_kl(Dirac, Flat)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_dirac_flat(q: Dirac, p: Flat) -> Tensor:
    """No preference between points, so nothing to pay: 0 nats."""
    return torch.zeros_like(q.loc[..., 0])
