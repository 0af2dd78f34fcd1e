"""The contract of the room: an inference network returns a distribution."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.space import Space

__all__ = ["Posterior", "Standardize", "as_it_is"]


class Posterior(nn.Module, ABC):
    """An inference network q(z|x)."""

    # False for a point mass: then ELBO is no bound on log p(x), and nothing calls it a likelihood.
    has_density: ClassVar[bool] = True
    # Whether a compiler can see how it draws.
    compiles: ClassVar[bool] = True
    # What its z can be; the prior's must be the same.
    space: ClassVar[Space] = "real"

    standardize: Standardize

    @abstractmethod
    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x).

        Arguments:
            x: Examples, (B, *x_shape).
            c: Conditions, (B, C), or None.

        Returns:
            A distribution of batch shape (B,) and event shape (L,).
        """


# Deviations beyond which nothing is seen on a logarithmic scale.
_FAR = 10.0


class Standardize(nn.Module):
    r"""The encoder's view of x: :math:`(x - m) / s`, missing cells at the mean.

    It is the identity until `fit`. Living in the model, it makes a run usable on raw data. Where
    the likelihood lives on a logarithmic scale, x is brought to it first (`Likelihood.seen`).

    Arguments:
        x_shape: Shape of one example.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, x_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("shift", torch.zeros(x_shape))
        self.register_buffer("scale", torch.ones(x_shape))
        self.seen: Callable[[Tensor], Tensor] = as_it_is

    def fit(self, shift: Tensor, scale: Tensor) -> None:
        """Take mean and deviation of what is seen of the training data, each (*x_shape)."""
        self.shift.copy_(shift)
        self.scale.copy_(scale)

    def forward(self, x: Tensor) -> Tensor:
        """Return standardized x, same shape, with 0 where x is NaN."""
        seen = (self.seen(x) - self.shift).div_(self.scale).nan_to_num_(nan=0.0)
        # The logarithm of what noise has set to 0 is no value that was ever seen.
        return seen if self.seen is as_it_is else seen.clamp_(-_FAR, _FAR)


def as_it_is(x: Tensor) -> Tensor:
    """Return x."""
    return x
