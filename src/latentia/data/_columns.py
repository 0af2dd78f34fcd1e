"""The columns of vectors: which are constant, discrete or spoiled by a few wild values."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._identifier import counts_rows
from latentia.data._precision import is_noise
from latentia.data._schema import Schema
from latentia.data._where import Where

__all__ = ["constant_columns", "described", "remarks"]

Array = npt.NDArray[Any]

_FEW = 20  # so many distinct values are discrete, whatever they are
_SAMPLE = 10_000  # rows that are looked at before looking at all of them
_FAR = 1000.0  # deviations from the median; a normal value is never beyond 8
_NORMAL = 30.0  # deviations that a heavy tail may reach
_HUGE = 1e15  # nothing that is measured, and its square is beyond float32


def constant_columns(x: Array) -> tuple[int, ...]:
    """Return the columns of x (n, d) whose present values are all the same; NaN is absent.

    Of float64, those too that differ by its rounding alone.
    """
    with np.errstate(invalid="ignore"):
        low = np.fmin.reduce(x, axis=0)  # NaN only where nothing is present
        high = np.fmax.reduce(x, axis=0)
        same = is_noise(low, high) if x.dtype == np.float64 else low == high
        return tuple(int(column) for column in np.flatnonzero(same))


def described(x: Array, schema: Schema) -> list[dict[str, Any]]:
    """Describe every column of vectors x (n, d).

    Returns:
        For each its `name`, `kind`, `low`, `high` and the share that is `missing`.
    """
    names = schema.columns or tuple(map(str, range(x.shape[1])))
    return [_described(name, x[:, place]) for place, name in enumerate(names)]


def _described(name: str, column: Array) -> dict[str, Any]:
    present = _present(column)
    return {
        "name": name,
        "kind": _kind(present),
        "low": float(present.min()) if len(present) else None,
        "high": float(present.max()) if len(present) else None,
        "missing": (len(column) - len(present)) / len(column),
    }


def _kind(present: Array) -> str:
    if not len(present):
        return "empty"
    values = _few_values(present)
    if len(values) == 1:
        return "constant"
    if len(values):
        return "0 or 1" if set(values.tolist()) == {0, 1} else f"{len(values)} values"
    return "whole" if np.array_equal(present, np.floor(present)) else "real"


def remarks(x: Array, where: Where, *, but: tuple[int, ...]) -> list[str]:
    """Say what about the columns of real vectors x (n, d) would mislead a density.

    Arguments:
        x: The values, NaN where missing.
        where: What rows and columns are called.
        but: Columns that are no part of the model.
    """
    discrete: list[str] = []
    counting: list[int] = []
    far: list[tuple[str, float, float, int]] = []
    for place in sorted(set(range(x.shape[1])) - set(but)):
        column = x[:, place]
        present = _present(column)
        if not len(present):
            continue
        values = _few_values(present)
        if len(values) > 1:
            kind = "0 or 1" if set(values.tolist()) == {0, 1} else f"{len(values)} values"
            discrete.append(f"{where.column(place)} ({kind})")
        else:
            far += [(where.cell(row, place), *rest) for row, rest in _far(column, present)]
        if not where.columns and counts_rows(column):
            counting.append(place)
    return [*_on_counting(counting), *_on_discrete(discrete), *_on_far(far, where)]


def _present(column: Array) -> Array:
    values: Array = column[~np.isnan(column)] if column.dtype.kind == "f" else column
    return values


def _few_values(present: Array) -> Array:
    """Return the distinct values if these are few for so many rows, else nothing."""
    most = min(_FEW, max(2, len(present) // 5))
    if len(np.unique(present[:_SAMPLE])) > most:
        return present[:0]
    values = np.unique(present)
    return values if len(values) <= most else present[:0]


def _far(column: Array, present: Array) -> list[tuple[int, tuple[float, float, int]]]:
    """Return the row of the wildest value, with value, deviations and count, if one is wild.

    The unit is the median distance from the median, which no few values can move as they move a
    standard deviation; values at the median itself, as the zeros of a rare quantity, are left
    out of it.
    """
    some = present[:: max(1, len(present) // _SAMPLE)].astype(np.float64)
    middle = float(np.median(some))
    apart = np.abs(some - middle)
    unit = 1.4826 * float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0
    with np.errstate(invalid="ignore"):
        away = np.abs(column.astype(np.float64) - middle)
        wild = (away > _FAR * unit) | ((away > _HUGE) & (away > _NORMAL * unit))
    if not wild.any():
        return []
    row = int(np.nanargmax(away))
    return [(row, (float(column[row]), float(away[row]) / unit, int(wild.sum())))]


def _on_counting(places: list[int]) -> list[str]:
    return [
        f"Column {place} (counted from 0) counts the rows: an identifier is no measurement. It "
        f"is kept, so that the shape stays yours; leave it out of the array: "
        f"np.delete(x, {place}, axis=1)."
        for place in places
    ]


def _on_discrete(columns: list[str]) -> list[str]:
    if not columns:
        return []
    return [
        f"Discrete columns among real ones: {_some(columns)}. A density of discrete values is "
        f"not bounded: nats rise as sigma shrinks onto the values, so log p(x) and the ELBO "
        f"compare models of these same columns and mean nothing by themselves. Where nats matter, "
        f"leave such columns out (--drop); if all columns are counts or grades, use a likelihood "
        f"that gives their probability (negative-binomial, poisson, ordinal, categorical)."
    ]


def _on_far(found: list[tuple[str, float, float, int]], where: Where) -> list[str]:
    if not found:
        return []
    cells = [
        f"{cell} is {value:g}, {deviations:.0e} deviations from the median"
        + (f" (and {count - 1} more in that column)" if count > 1 else "")
        for cell, value, deviations, count in found
    ]
    absent = "an empty cell" if where.columns else "NaN"
    return [
        f"Wild values: {_some(cells, 5, '; ')}. They decide the scale of their column, and all "
        f"other values become one. Correct them, make them missing ({absent}), or take logarithms "
        f"of a column that spans many orders."
    ]


def _some(items: list[str], most: int = 8, between: str = ", ") -> str:
    more = f"{between}... ({len(items)} in all)" if len(items) > most else ""
    return between.join(items[:most]) + more
