"""The contract of the room: a reduction of Terms, nothing else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf

from torch import Tensor

from latentia.model import Terms

__all__ = ["Objective"]


class Objective(ABC):
    """What training maximizes. The reported ELBO is `Terms.elbo`, whatever the objective."""

    # K, the draws of z for each example that it wants to see.
    samples: int = 1
    # Whether it is the reported ELBO itself, once its schedules are over.
    is_elbo: bool = False

    @abstractmethod
    def __call__(self, terms: Terms, epoch: float = inf) -> Tensor:
        """Return the objective of each example, (B,) nats.

        Arguments:
            terms: The terms of a batch.
            epoch: Epochs trained so far, with fraction; schedules are over at infinity.
        """
