"""What a data set is and what is in it, in one dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from latentia.data._data import Data
from latentia.data._load import load

__all__ = ["check"]


def check(
    name: Any,
    *,
    root: str | Path | None = None,
    size: int | None = None,
    columns: Iterable[str] = (),
    drop: Iterable[str] = (),
) -> dict[str, Any]:
    """Summarise a data set: what it is, what was done to it, and what is in it.

    Arguments:
        name: What `load` takes.
        root: Folder of data sets to look in first.
        size: Side in pixels for folders of images.
        columns: The columns of a table that are the data.
        drop: Columns of a table to leave out.

    Returns:
        A JSON-able dictionary: `schema`, `notes`, `n`, `parts` (rows of each), `classes` (rows by
        class name), `factors` (how many values each known factor has), `range`, `columns` (what
        `Data.describe` says), `missing` (share of NaN by column, those above 0), `fingerprint`.

    Example:
        >>> check("digits")["classes"]["0"]
        178
    """
    data = load(name, root=root, size=size, columns=columns, drop=drop)
    schema = data.schema
    classes: dict[str, int] = {}
    if data.y is not None:
        counts = np.bincount(data.y[data.y >= 0], minlength=len(schema.labels))
        classes = {label: int(n) for label, n in zip(schema.labels, counts, strict=True)}
    return {
        "schema": schema.to_dict(),
        "notes": list(data.notes),
        "n": len(data.x),
        "parts": {part: len(rows) for part, rows in data.split().items()},
        "classes": classes,
        "factors": {name: len(set(np.asarray(v).tolist())) for name, v in data.beside.items()},
        "range": [schema.low, schema.high],
        "columns": data.describe(),
        "missing": _missing(data),
        "fingerprint": data.fingerprint,
    }


def _missing(data: Data) -> dict[str, float]:
    """Return the share of NaN of every column that has some."""
    if not data.schema.missing:
        return {}
    shares = np.isnan(data.x).mean(axis=0)
    columns = data.schema.columns or tuple(map(str, range(len(shares))))
    return {c: float(s) for c, s in zip(columns, shares, strict=True) if s}
