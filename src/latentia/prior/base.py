"""The contract of the room: a prior is a distribution over the latents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor, nn
from torch.distributions import Distribution

__all__ = ["Prior"]


class Prior(nn.Module, ABC):
    """A prior p(z)."""

    # False for the improper prior of an autoencoder, which cannot be sampled.
    is_proper: ClassVar[bool] = True

    @abstractmethod
    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return p(z), batch shape () (or (B,) given conditions c), event shape (L,)."""
