"""Labels hidden, so that a set of labelled examples becomes one of a few."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.errors import UsageError

__all__ = ["kept"]

Array = npt.NDArray[Any]

_STREAM = 0x1ABE1


def kept(c: Array, rows: Array, labelled: int, seed: int) -> Array:
    """Return classes of which all are hidden but those of a few examples.

    The classes share them as evenly as they can, as is usual where the labels of a benchmark are
    hidden; which examples of a class keep theirs is drawn.

    Arguments:
        c: Classes of all examples, one-hot (n, C), NaN where unknown.
        rows: Those of which some may keep theirs (m,).
        labelled: How many keep it.
        seed: Seed of the draw.

    Returns:
        (n, C), NaN in every other row.

    Raises:
        UsageError: if there are not so many labels, or more classes than are to be kept.

    Example:
        >>> kept(np.eye(2), np.arange(2), 2, seed=0).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    known = rows[~np.isnan(c[rows]).any(axis=1)]
    classes = c[known].argmax(1)
    seen = len(np.unique(classes))
    if not seen <= labelled <= len(known):
        raise UsageError(
            f"{labelled} labels cannot be kept: the training part has {len(known)}, "
            f"of {seen} classes.",
            where=f"--labelled {labelled}",
            how="Keep at least one of each class, and no more than there are.",
        )
    order = np.random.default_rng([seed, _STREAM]).permutation(len(known))
    turn = np.empty(len(known), dtype=int)  # how many of the same class come before
    for y in np.unique(classes):
        of_class = order[classes[order] == y]
        turn[of_class] = np.arange(len(of_class))
    chosen = known[np.lexsort((classes, turn))[:labelled]]
    found = np.full_like(c, np.nan)
    found[chosen] = c[chosen]
    return found
