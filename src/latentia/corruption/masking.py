"""Masking: single values are blanked."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor

from latentia.corruption.base import Corruption, require_share

__all__ = ["Masking"]


@final
class Masking(Corruption):
    """Sets each value to 0 with a given probability (Vincent et al., 2008).

    Arguments:
        rate: Probability that a value is blanked.

    Raises:
        UsageError: if the rate is no probability.

    Example:
        >>> Masking(rate=1.0)(torch.ones(3)).tolist()
        [0.0, 0.0, 0.0]
    """

    def __init__(self, *, rate: float = 0.5) -> None:
        self.rate = require_share("rate", rate, "masking")

    def __call__(self, x: Tensor) -> Tensor:
        """Return x (B, ...) with a share `rate` of its values set to 0."""
        return x.masked_fill(torch.rand_like(x) < self.rate, 0.0)
