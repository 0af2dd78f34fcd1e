"""Gaussian noise, added to every value."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor

from latentia.corruption.base import Corruption
from latentia.errors import UsageError

__all__ = ["Gaussian"]


@final
class Gaussian(Corruption):
    """Adds independent normal noise to every value; the result is not clipped.

    Arguments:
        std: Standard deviation of the noise, in units of the data.

    Raises:
        UsageError: if std is negative or not finite.

    Example:
        >>> Gaussian(std=0.0)(torch.ones(2)).tolist()
        [1.0, 1.0]
    """

    def __init__(self, *, std: float = 0.3) -> None:
        if not (math.isfinite(std) and std >= 0):
            raise UsageError(
                f"std must be a finite number of at least 0, got {std}.",
                where="--corruption.std (gaussian)",
                how="0.3 is visible noise on data within [0, 1].",
            )
        self.std = float(std)

    def __call__(self, x: Tensor) -> Tensor:
        """Return x (B, ...) plus noise of standard deviation `std`."""
        return x + self.std * torch.randn_like(x)
