"""Salt and pepper: single pixels turn white or black."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from latentia.corruption.base import Corruption, require_share

__all__ = ["SaltAndPepper"]


@final
class SaltAndPepper(Corruption):
    """Each value turns 0 or 1, evenly, with a given probability.

    Arguments:
        rate: Probability that a value is damaged.

    Raises:
        UsageError: if the rate is no probability.

    Example:
        >>> SaltAndPepper(rate=0.0)(torch.full((2, 3), 0.5)).unique()
        tensor([0.5000])
    """

    def __init__(self, *, rate: float = 0.25) -> None:
        self.rate = require_share("rate", rate, "salt-and-pepper")

    def __call__(self, x: Tensor) -> Tensor:
        """Return x (B, ...) with a share `rate` of its values set to 0 or 1."""
        draw = torch.rand_like(x)
        pepper, salt = draw < self.rate / 2, draw >= 1 - self.rate / 2
        return x.masked_fill(pepper, 0.0).masked_fill(salt, 1.0)
