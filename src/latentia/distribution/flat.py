"""No preference at all: the improper prior of an autoencoder."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints

from latentia.errors import RunError

__all__ = ["Flat"]


@final
class Flat(Distribution):
    """The improper density p(z) = 1 on all of space: log p(z) = 0 nats, and no samples.

    Arguments:
        latent_dim: L, the number of latents.

    Raises:
        RunError: when sampled, since it does not integrate to one.

    Example:
        >>> Flat(2).log_prob(torch.zeros(3, 2))
        tensor([0., 0., 0.])
    """

    arg_constraints: dict[str, constraints.Constraint] = {}  # noqa: RUF012
    support = constraints.real_vector

    def __init__(self, latent_dim: int) -> None:
        super().__init__(torch.Size(), torch.Size([latent_dim]), validate_args=False)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return 0 nats everywhere."""
        return torch.zeros_like(value[..., 0])

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Refuse: there is nothing to draw from."""
        raise RunError(
            "An autoencoder has no prior p(z), so there is nothing to sample from.",
            how="Train a VAE (`--posterior gaussian --prior standard-normal`), "
            "or decode latents of your own choice.",
        )
