"""What one pixel can be, and how P numbers are a distribution over it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.bernoulli import Bernoulli
from latentia.distribution.logistic_mixture import LogisticMixture

__all__ = ["BlackOrWhite", "Levels", "Pixel"]


class Pixel(ABC):
    """What a single pixel can be, and how P numbers are a distribution over it."""

    # Uniform numbers that a draw takes.
    uniforms: int

    @abstractmethod
    def distribution(self, numbers: Tensor) -> Distribution:
        """Return the distribution of pixels (...) of numbers (..., P)."""

    @abstractmethod
    def draw(self, numbers: Tensor, u: Tensor) -> Tensor:
        """Return pixels (...) of numbers (..., P) from uniform numbers (..., uniforms)."""


@final
class BlackOrWhite(Pixel):
    """Zeros and ones, from one logit.

    Example:
        >>> BlackOrWhite().draw(torch.zeros(2, 1), torch.tensor([[0.4], [0.6]]))
        tensor([1., 0.])
    """

    uniforms = 1

    def distribution(self, numbers: Tensor) -> Distribution:
        """Return Bernoullis of logits (..., 1)."""
        return Bernoulli(numbers[..., 0])

    def draw(self, numbers: Tensor, u: Tensor) -> Tensor:
        """Return 1 where u < p."""
        p = numbers[..., 0].sigmoid()
        return (u[..., 0] < p).to(p.dtype)


@final
class Levels(Pixel):
    """The levels k/255, from logits, places and log scales of K logistics: P = 3 K.

    Arguments:
        low: Lowest log scale.
        high: Highest log scale.

    Example:
        >>> Levels(-7.0, 2.0).distribution(torch.zeros(4, 6)).batch_shape
        torch.Size([4])
    """

    uniforms = 2

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def distribution(self, numbers: Tensor) -> Distribution:
        """Return mixtures of logistics, cut into levels."""
        logits, loc, log_scale = numbers.chunk(3, -1)
        return LogisticMixture(logits, loc, log_scale.clamp(self.low, self.high))

    def draw(self, numbers: Tensor, u: Tensor) -> Tensor:
        """Return the level to which a logistic draw of a drawn component is rounded."""
        logits, loc, log_scale = numbers.chunk(3, -1)
        below = logits.softmax(-1).cumsum(-1)[..., :-1]
        chosen = (u[..., :1] >= below).sum(-1, keepdim=True)
        place = loc.gather(-1, chosen)[..., 0]
        scale = log_scale.clamp(self.low, self.high).exp().gather(-1, chosen)[..., 0]
        eps = torch.finfo(u.dtype).eps
        y = place + scale * torch.logit(u[..., 1].clamp(eps, 1 - eps))
        return torch.round(y.clamp(0, 1) * 255) / 255
