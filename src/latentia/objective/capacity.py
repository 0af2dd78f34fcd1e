"""The bound with a KL that is led to a value."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

from torch import Tensor

from latentia.model import Terms
from latentia.objective.base import Objective, require_positive, risen

__all__ = ["Capacity"]


@final
class Capacity(Objective):
    r"""Reconstruction with the mean KL held near C nats, which rise from 0 while training.

    .. math:: E_q[\log p(x|z)] - \gamma\, \Big| E_x[KL(q(z|x) \| p(z))] - C \Big|

    What most improves the reconstruction is coded first; each rise of C lets one more thing in.
    The KL is that of the batch on average, so easy examples may take fewer nats than others.

    Arguments:
        capacity: C, in nats, at the end.
        rise: Epochs over which C rises linearly from 0.
        gamma: What a nat away from C costs.

    References:
        Burgess et al., "Understanding disentangling in beta-VAE", 2018.

    Example:
        >>> import torch
        >>> one = torch.ones(1, 2)
        >>> Capacity(capacity=5, gamma=10)(Terms(-one, one, one, kl=4 * one[0], kl_per_dim=None))
        tensor([-11., -11.])
    """

    is_tight: ClassVar[bool] = False
    of_batches: ClassVar[bool] = True
    relaxes: ClassVar[bool] = True

    def __init__(
        self, *, capacity: float = 25.0, rise: float = 20.0, gamma: float = 100.0
    ) -> None:
        require_positive(capacity=capacity, rise=rise, gamma=gamma)
        self.capacity, self.rise, self.gamma = capacity, rise, gamma
        self.settles = rise

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return reconstruction less what the KL's distance from C at `epoch` costs, (B,) nats."""
        away = (terms.regularization.mean() - self.at(epoch)).abs()
        return terms.reconstruction - self.gamma * away

    def at(self, epoch: float | Tensor) -> float | Tensor:
        """Return C at an epoch, in nats."""
        return self.capacity * risen(epoch, self.rise)
