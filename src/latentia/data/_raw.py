"""What a reader hands over: numbers, labels, and what it knows of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from latentia.data._where import row_from_zero

__all__ = ["Raw"]


@dataclass
class Raw:
    """What a reader found, before anything is known about it.

    Arguments:
        x: The numbers, examples first.
        y: Labels of any type (n,), or indices into `labels`.
        columns: Names of the columns of a table.
        labels: Class names, if the reader knows them; then `y` holds indices.
        n_official_test: So many of the last rows are the official test set.
        notes: What the reader skipped, converted or dropped.
        row: What messages call a row.
        names: What the examples are called, such as files of a folder; empty where they have none.
        white: The grey of 16-bit images that was taken as white; 0 where there are none.
        constant: Names of a table's columns that held one value only, and are no part of x.
        beside: Columns (n,) that are asked for as conditions, or known factors; no part of x.
    """

    x: Any
    y: Any = None
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    n_official_test: int = 0
    notes: list[str] = field(default_factory=list)
    row: Callable[[int], str] = row_from_zero
    names: tuple[str, ...] = ()
    white: float = 0.0
    constant: tuple[str, ...] = ()
    beside: dict[str, Any] = field(default_factory=dict)
