"""Salt and pepper: single pixels turn white or black."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from latentia.corruption.base import Corruption, require_share

__all__ = ["SaltAndPepper"]


@final
class SaltAndPepper(Corruption):
    """Each value turns 1 (salt) or 0 (pepper) with a given probability.

    Arguments:
        rate: Probability that a value is damaged.
        salt: Share of the damaged values that turn 1.

    Raises:
        UsageError: if one of them is no probability.

    Example:
        >>> SaltAndPepper(rate=0.0)(torch.full((2, 3), 0.5)).unique()
        tensor([0.5000])
    """

    def __init__(self, *, rate: float = 0.25, salt: float = 0.5) -> None:
        self.rate = require_share("rate", rate, "salt-and-pepper")
        self.salt = require_share("salt", salt, "salt-and-pepper")

    def __call__(self, x: Tensor) -> Tensor:
        """Return x (B, ...) with a share `rate` of its values set to 0 or 1."""
        draw = torch.rand_like(x)
        peppered, salted = draw < self.rate * (1 - self.salt), draw >= 1 - self.rate * self.salt
        return x.masked_fill(peppered, 0.0).masked_fill(salted, 1.0)
