"""Draws from a distribution made narrower or wider."""

from __future__ import annotations

from math import isfinite

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.distribution.ladder import LadderPrior
from latentia.errors import UsageError

__all__ = ["drawn"]


def drawn(p: Distribution, shape: torch.Size, temperature: float) -> Tensor:
    r"""Draw from a Gaussian whose standard deviation is multiplied by a temperature.

    .. math:: z = \mu + T \sigma \varepsilon, \quad \varepsilon \sim N(0, I)

    Arguments:
        p: A distribution.
        shape: How many draws.
        temperature: T; at 1 any distribution is drawn from as it is.

    Returns:
        (*shape, *batch, *event).

    Raises:
        UsageError: if T is no number from 0, or p has no deviation to multiply.

    Example:
        >>> p = Independent(Normal(torch.ones(2), 1.0), 1)
        >>> drawn(p, torch.Size([3]), 0.0)
        tensor([[1., 1.],
                [1., 1.],
                [1., 1.]])
    """
    if not (isfinite(temperature) and temperature >= 0):
        raise UsageError(
            f"A temperature is a number from 0, not {temperature}.",
            where=f"--temperature {temperature}",
            how="Use 0.7 for smoother samples, and 1 for those of p(z).",
        )
    if temperature == 1:
        z: Tensor = p.sample(shape)
        return z
    if isinstance(p, LadderPrior):
        return p.sample(shape, temperature=temperature)
    if isinstance(p, Independent) and isinstance(p.base_dist, Normal):
        return p.mean + temperature * (p.sample(shape) - p.mean)
    raise UsageError(
        "Only a Gaussian prior, or a ladder of them, has a temperature.",
        where=f"--temperature {temperature}",
        how="Leave it out.",
    )
