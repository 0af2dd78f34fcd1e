"""What came in, as examples and latents that the model takes, or why it does not."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentia.data import Schema
from latentia.data._infer import examine
from latentia.data._raw import Raw
from latentia.errors import DataError, UsageError

__all__ = ["Rows", "brackets_of", "examples_of", "from_json", "numbers_of"]

Array = npt.NDArray[Any]
_SOURCE = "x"


class Rows(NamedTuple):
    """Examples as a model's schema has them, of one type whatever they were sent as.

    Arguments:
        x: (n, *schema.shape).
        notes: What was done to them.
    """

    x: Array
    notes: tuple[str, ...]


def from_json(given: Any, schema: Schema) -> Raw:
    """Return rows that were written as JSON: lists of numbers, or objects of a table's columns.

    null is a missing cell, and so is a column that an object does not name.

    Arguments:
        given: A list of rows.
        schema: What the model's examples are.

    Raises:
        DataError: if a cell is no number.
        UsageError: if there are no rows, or a column that the model does not have.
    """
    if not isinstance(given, list) or not given:
        raise UsageError("There are no rows.", where=_SOURCE, how='Send {"x": [[0.5, 1.0]]}.')
    if any(isinstance(row, dict) for row in given):
        given = [_by_name(i, row, schema.columns) for i, row in enumerate(given)]
    return Raw(numbers_of(given))


def examples_of(raw: Raw, schema: Schema) -> Rows:
    """Hold examples to the model's schema, as the command line does, with the same errors.

    Arguments:
        raw: What was read.
        schema: What the model's examples are.

    Raises:
        DataError: if they are others.
    """
    raw.columns = schema.columns
    found = examine(raw, name="request", source=_SOURCE, like=schema, measured=False)
    return Rows(found.x, found.notes)


def brackets_of(shape: tuple[int, ...], rows: int) -> int:
    """Return how many lists and objects there can be in a request of so many rows.

    Example:
        >>> brackets_of((28, 28), 10)  # each row one list of 28, and a few around them
        354
    """
    inner = sum(int(np.prod(shape[:depth])) for depth in range(len(shape)))
    # Beside the rows: a condition for each of them, and the object itself.
    return (inner + 1) * rows + rows + 44


def _by_name(row: int, given: Any, columns: tuple[str, ...]) -> list[Any]:
    """Return the cells of one object in the model's order."""
    if not columns or not isinstance(given, dict):
        what = "is an object, and the model has no columns" if not columns else "is no object"
        raise UsageError(
            f"Row {row} (counted from 0) {what}.", where=_SOURCE, how="Send each row as a list."
        )
    unknown = sorted(set(given) - set(columns))
    if unknown:
        raise UsageError(
            f"There is no column {unknown[0]!r}.",
            where=f"{_SOURCE}, row {row} (counted from 0)",
            how=f"The model has: {', '.join(columns[:20])}.",
        )
    return [given.get(name) for name in columns]


def numbers_of(given: Any, where: str = _SOURCE) -> Array:
    """Return lists as an array; null becomes NaN, and what is neither is refused.

    Arguments:
        given: What was sent.
        where: The field that it was sent in.

    Raises:
        DataError: if they hold anything but numbers, or rows that differ in shape.

    Example:
        >>> numbers_of([[1, None], [2, 3]]).tolist()
        [[1.0, nan], [2.0, 3.0]]
    """
    try:
        found = np.asarray(given)
    except ValueError:
        raise DataError(
            "The rows differ in length.", where=where, how="Send as many numbers in each row."
        ) from None
    if _has_truth(given):
        raise DataError(
            "There is true or false among the numbers.", where=where, how="Send 1 and 0."
        )
    if found.dtype.kind in "iuf":
        return found
    cells = found.ravel().tolist()
    wrong = [c for c in cells if not (c is None or isinstance(c, int | float))]
    if found.dtype.kind == "U" or wrong:
        what = "text" if any(isinstance(c, str) for c in cells) else "rows of different lengths"
        raise DataError(f"There is {what} among the numbers.", where=where, how="Send numbers.")
    try:
        return found.astype(np.float64)
    except OverflowError:
        raise DataError(
            "A number is too large.", where=where, how="Send it in another unit."
        ) from None


def _has_truth(given: Any) -> bool:
    """Return whether true or false is among lists; numpy would take them for 1 and 0."""
    left = [given]
    while left:
        one = left.pop()
        if isinstance(one, bool):
            return True
        if isinstance(one, list):
            kinds = set(map(type, one))
            if bool in kinds:
                return True
            if list in kinds:
                left += one
    return False
