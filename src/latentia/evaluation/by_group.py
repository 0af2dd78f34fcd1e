"""What the groups of a ladder cost, where its latents are too many to be told one by one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from latentia.model import LatentVariableModel
from latentia.posterior.ladder import Ladder

__all__ = ["MOST", "group_sizes", "grouped", "sums"]

# Latents that a row of metrics tells one by one: of ten thousand it would be 300 kB, every epoch.
MOST = 1024


def group_sizes(model: LatentVariableModel) -> tuple[int, ...]:
    """Return how many latents each group has, in their order; none of latents in no groups."""
    posterior = model.posterior
    if not isinstance(posterior, Ladder):
        return ()
    return tuple(prod(shape) for shape in posterior.plan.shapes)


def sums(each: Sequence[float], sizes: Sequence[int]) -> list[float]:
    """Return the sum over each group of numbers by latent.

    Arguments:
        each: Numbers by latent, (L,).
        sizes: Latents of each group, which are L together.

    Example:
        >>> sums([1.0, 2.0, 4.0], (1, 2))
        [1.0, 6.0]
    """
    edges = np.cumsum([0, *sizes]).tolist()
    return [float(np.sum(each[start:end])) for start, end in pairwise(edges)]


def grouped(row: dict[str, Any], sizes: Sequence[int], most: int = MOST) -> dict[str, Any]:
    """Return a row of metrics with `kl_by_group` instead of `kl_per_dim`, where that is long.

    Arguments:
        row: A row, which stays as it is.
        sizes: Latents of each group; none of latents in no groups, of which nothing is changed.
        most: How many latents are told one by one.

    Example:
        >>> grouped({"kl": 7.0, "kl_per_dim": [1.0, 2.0, 4.0]}, (1, 2), most=2)
        {'kl': 7.0, 'kl_per_dim': None, 'kl_by_group': [1.0, 6.0]}
    """
    each = row.get("kl_per_dim")
    if not sizes or each is None or len(each) <= most:
        return row
    return {**row, "kl_per_dim": None, "kl_by_group": sums(each, sizes)}
