"""What float32 can hold: columns far from zero for their spread, and magnitudes that it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._where import Where
from latentia.errors import DataError

__all__ = ["centred", "centres", "is_noise", "refuse_magnitudes"]

Array = npt.NDArray[Any]

_ROWS = 2000  # rows from which the middle and the spread of a column are taken
_FINE = 1e4 * float(np.finfo(np.float32).eps)  # a spread below this share of the size is coarse
_LOST = 16 * float(np.finfo(np.float32).eps)  # and below this one, hardly anything is left of it
_NOISE = 8 * float(np.finfo(np.float64).eps)  # differences that only float64's own rounding makes
_HUGE, _TINY = 1e15, 1e-15  # whose squares, summed, leave float32


def is_noise(low: Any, high: Any) -> Any:
    """Say which columns, given their ends in float64, differ by no more than rounding."""
    return high - low <= _NOISE * np.fmax(np.abs(low), np.abs(high))


def centres(x: Array, *, unit: bool) -> tuple[float, ...]:
    """Return what to take from each column before it becomes float32; nothing if all are fine.

    A column of Unix seconds has a step of 128 in float32. Differences from one of its own values
    have the step of its spread, and no density changes by a shift.

    Arguments:
        x: Numbers as they were read (n, d), NaN for missing.
        unit: Whether all are within [0, 1], and keep that scale if float32 can tell them apart.
    """
    found = [_centre(x[:, place], _LOST if unit else _FINE) for place in range(x.shape[1])]
    return tuple(found) if any(found) else ()


def centred(columns: tuple[float, ...], where: Where) -> str:
    """Say that columns are held as differences, and from what."""
    some = [f"{where.column(i)} ({value:.10g})" for i, value in enumerate(columns) if value]
    more = f", ... ({len(some)} in all)" if len(some) > 8 else ""
    return (
        f"Columns far from zero for their spread: {', '.join(some[:8])}{more}. The model sees the "
        f"differences from the value in brackets, which float32 can hold; nats are the same, and "
        f"what comes back has the value added."
    )


def refuse_magnitudes(x: Array, where: Where, *, columns: bool) -> None:
    """Refuse numbers so large or so small that sums of their squares leave float32.

    A few wild values in a column are told elsewhere; here the column itself is one.

    Arguments:
        x: Numbers as they were read (n, ...), NaN for missing.
        where: What columns are called.
        columns: Whether each column has a unit of its own; else all numbers share one.

    Raises:
        DataError: naming the first such column and its range.
    """
    parts = [x[:, place] for place in range(x.shape[1])] if columns else [x[:: _every(x)].ravel()]
    for place, part in enumerate(parts):
        present = _present(part)
        if not len(present):
            continue
        _, spread = _middle(present)
        low, high = float(present.min()), float(present.max())
        if spread > _HUGE or (0 < high - low < _TINY and not is_noise(low, high)):
            size = "large" if spread > _HUGE else "little apart"
            raise DataError(
                f"Values are too {size} for float32, whose squares end at 1e38 and 1e-38: they "
                f"run from {low:g} to {high:g}.",
                where=f"{where.source}, column {where.column(place)}" if columns else where.source,
                how=f"Rescale: divide by {spread or high - low:.0e}, or choose another unit.",
            )


def _centre(column: Array, fine: float) -> float:
    """Return a column's middle value if its spread is too fine for float32 beside it, else 0."""
    present = _present(column)
    if not len(present):
        return 0.0
    middle, spread = _middle(present)
    if spread >= fine * abs(middle) or is_noise(present.min(), present.max()):
        return 0.0
    return middle


def _middle(present: Array) -> tuple[float, float]:
    """Return a value in the middle, and the median distance from it of what is not there.

    No few values can move these as they move a mean and a standard deviation.
    """
    some = present[:: _every(present)].astype(np.float64)
    middle = float(np.quantile(some, 0.5, method="lower"))
    apart = np.abs(some - middle)
    return middle, float(np.median(apart[apart > 0])) if (apart > 0).any() else 0.0


def _every(x: Array) -> int:
    return max(1, len(x) // _ROWS)


def _present(column: Array) -> Array:
    values: Array = column[~np.isnan(column)] if column.dtype.kind == "f" else column
    return values.astype(np.float64)
