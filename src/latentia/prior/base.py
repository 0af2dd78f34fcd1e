"""The contract of the room: a prior is a distribution over the latents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.space import Space

__all__ = ["Prior"]


class Prior(nn.Module, ABC):
    """A prior p(z)."""

    # False for the improper prior of an autoencoder, which cannot be sampled.
    is_proper: ClassVar[bool] = True
    # Whether a compiler can see its density.
    compiles: ClassVar[bool] = True
    # What its z can be; the posterior's must be the same.
    space: ClassVar[Space] = "real"
    # Whether it has parameters that are trained.
    is_learned: ClassVar[bool] = True
    # Whether it is made of posteriors of inputs of its own.
    of_posteriors: ClassVar[bool] = False
    # Whether its latents stand in groups, and it is part of a ladder.
    hierarchical: ClassVar[bool] = False
    # Whether it is made of training examples, and leaves out the one in hand while it is trained.
    leaves_out: ClassVar[bool] = False
    # Rows of the training set that the batch in hand are, (B,), where it is so.
    rows: Tensor | None = None
    # How many examples of the training data it starts from.
    examples: int = 0
    # The conditions of the batch in hand, (B, C), where none are handed over.
    c: Tensor | None = None

    @abstractmethod
    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return p(z), batch shape () (or (B,) given conditions c), event shape (L,)."""

    def start_at(self, z: Tensor) -> None:
        """Start near latents, before it is fitted to them after training.

        Arguments:
            z: Draws of the aggregate posterior, (n, L).
        """

    def start(self, x: Tensor) -> None:
        """Take over what an untrained prior starts from; nothing where `examples` is 0.

        Arguments:
            x: Training examples without a random binarization, (examples, *x_shape).
        """

    def require(self, n: int) -> None:
        """Refuse n training examples if it cannot be made of so many; nothing by default.

        Arguments:
            n: How many there are.

        Raises:
            UsageError: if there are too few.
        """

    def hold(self, read: Callable[[Tensor], Tensor], n: int) -> None:
        """Take hold of the training examples while it is trained; nothing unless it `leaves_out`.

        Arguments:
            read: From rows (m,) to their x without a random binarization, (m, *x_shape).
            n: How many there are.
        """

    def let_go(self) -> None:
        """Let go of the training examples: from here on it is what it is."""
