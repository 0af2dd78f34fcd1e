"""Columns of a table that number or name its rows: identifiers, which are no measurements."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["counts_rows", "identifies", "note_dropped", "note_kept", "suspicion"]

Array = npt.NDArray[Any]

# Whole names, and last words of names: `index` is an identifier, `price index` is none.
_NAMES = {"", "unnamed 0", "index level 0", "index", "idx", "key", "no", "nr", "row", "rownum"}
_LAST = {"id", "ids", "uuid", "guid", "rowid"}
_ENDS = ("번호", "아이디", "식별자", "순번", "编号", "序号", "番号")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")  # customerID, PassengerId, user_id


def counts_rows(values: Array) -> bool:
    """Whether values (n,) are 0, 1, 2, ... or 1, 2, 3, ...; NaN is neither."""
    return values[0] in (0, 1) and np.array_equal(values, np.arange(len(values)) + values[0])


def identifies(name: str, values: Array) -> bool:
    """Say whether a column tells rows apart and measures nothing.

    It counts the rows, or it is named like an identifier and holds a different whole number in
    every row. A name alone, or distinct numbers alone, do not make one: years and prices may be
    distinct too.

    Example:
        >>> identifies("customerID", np.array([7.0, 3.0, 9.0]))
        True
        >>> identifies("price", np.array([7.0, 3.0, 9.0]))
        False
    """
    return counts_rows(values) or (_named_like_one(name) and _distinct(values))


def suspicion(name: str, values: Array) -> str:
    """Return why a column that stays may be an identifier after all, or nothing."""
    if _named_like_one(name) and _whole(values):
        return "is named like an identifier, whose size means nothing, but repeats"
    if _distinct(values) and np.ptp(values) == len(values) - 1:
        low, high = int(values.min()), int(values.max())
        return f"holds every whole number from {low} to {high} once, as an identifier does"
    return ""


def note_dropped(columns: list[str]) -> str:
    """Say which identifiers were left out, and how to keep them."""
    listed = ", ".join(map(repr, columns))
    which = f"Column {listed} tells" if len(columns) == 1 else f"Columns {listed} tell"
    was = "was" if len(columns) == 1 else "were"
    return (
        f"{which} the rows apart (a different whole number in each) and {was} dropped: an "
        f"identifier is no measurement. --columns '*' keeps every column."
    )


def note_kept(column: str, why: str) -> str:
    """Say that a column may be an identifier, and how to leave it out."""
    return f"Column {column!r} {why}. It is kept; --drop {column!r} leaves it out."


def _named_like_one(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    latin = " ".join(words) in _NAMES and name.isascii()
    return latin or (bool(words) and words[-1] in _LAST) or name.strip().endswith(_ENDS)


def _whole(values: Array) -> bool:
    return bool(np.array_equal(values, np.floor(values)))  # NaN equals nothing


def _distinct(values: Array) -> bool:
    return _whole(values) and len(np.unique(values)) == len(values)
