"""Where logistics of 8-bit levels start, and how sharp they may be."""

from __future__ import annotations

import torch
from torch import Tensor

from latentia.distribution.logistic_mixture import LogisticMixture

__all__ = ["LOG_SCALE", "side_by_side"]

# A scale of exp(-7) is a quarter of one of the 256 levels: sharper buys nothing.
LOG_SCALE = (-7.0, 2.0)
_HALF_LEVEL = 0.5 / 255


def side_by_side(mean: Tensor, std: Tensor, components: int) -> tuple[Tensor, Tensor]:
    """Return places and log scales of equal logistics whose mean is the data's.

    The place is found by bisection. Each logistic is as wide as what its share of the data's
    deviation leaves, before the tails are gathered on the first and last level.

    Arguments:
        mean: Mean of the data, (*x_shape).
        std: Their standard deviation, (*x_shape).
        components: K.

    Returns:
        Both (K, *x_shape).
    """
    spread = torch.linspace(-1, 1, components) if components > 1 else torch.zeros(1)
    offsets = (std.clamp_min(0.01)[..., None] * spread.to(std)).movedim(-1, 0)
    left = std.square() - offsets.square().mean(0)
    # Two would leave nothing, and be spikes between which a value costs hundreds of nats.
    own = torch.maximum(left, std.square() / 4).clamp_min(1e-4).sqrt()
    log_scale = (own.clamp_min(0.005) * 3**0.5 / torch.pi).log().expand_as(offsets)
    target = mean.clamp(_HALF_LEVEL, 1 - _HALF_LEVEL)
    low, high = torch.full_like(target, -4.0), torch.full_like(target, 5.0)
    for _ in range(30):
        middle = (low + high) / 2
        below = _mean(middle + offsets, log_scale) < target
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2 + offsets, log_scale


def _mean(loc: Tensor, log_scale: Tensor) -> Tensor:
    """Return the mean of equally weighted logistics (K, *x_shape), (*x_shape)."""
    even = torch.zeros_like(loc).movedim(0, -1)
    return LogisticMixture(even, loc.movedim(0, -1), log_scale.movedim(0, -1)).mean
