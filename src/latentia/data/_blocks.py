"""Looking at all values of an array without a second array of its size."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Range", "blocks", "is_mapped", "range_of"]

Array = npt.NDArray[Any]

# Values that are looked at at once: the processor's cache holds what is made of them.
_AT_ONCE = 1 << 18


class Range(NamedTuple):
    """The least and the greatest value that is not missing, and how many are.

    Where all are missing, low is above high.
    """

    low: float
    high: float
    missing: int


def blocks(x: Array) -> Iterator[Array]:
    """Yield the rows of x (n, ...) in parts of some MB at most.

    Example:
        >>> [len(part) for part in blocks(np.zeros((600_000, 1)))]
        [262144, 262144, 75712]
    """
    rows = max(1, _AT_ONCE * len(x) // max(1, x.size))
    for start in range(0, len(x), rows):
        yield x[start : start + rows]


def is_mapped(x: Array) -> bool:
    """Whether an array, or the one that it is a view of, is mapped from a file.

    Example:
        >>> is_mapped(np.zeros(3))
        False
    """
    base: object = x
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return isinstance(base, mmap)


def range_of(x: Array) -> Range:
    """Return the range of values (n, ...); NaN is missing.

    Example:
        >>> range_of(np.array([[1.0, np.nan], [-2.0, 0.5]]))
        Range(low=-2.0, high=1.0, missing=1)
    """
    low, high, missing = np.inf, -np.inf, 0
    for part in blocks(x):
        present = part
        if part.dtype.kind == "f" and (absent := np.isnan(part)).any():
            present, missing = part[~absent], missing + int(absent.sum())
        if present.size:
            low, high = min(low, float(present.min())), max(high, float(present.max()))
    return Range(low, high, missing)
