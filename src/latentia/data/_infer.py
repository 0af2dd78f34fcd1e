"""From raw numbers to a data set: check them, find out what they are, and say what was done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._data import Data
from latentia.data._labels import encode
from latentia.data._schema import Kind, Layout, Schema
from latentia.data._values import as_numbers, convert, refuse_bad_cells
from latentia.errors import DataError

__all__ = ["FEWEST", "Raw", "finish", "from_anything"]

Array = npt.NDArray[Any]

FEWEST = 10  # below this, training, validation and test parts say nothing


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
    """

    x: Any
    y: Any = None
    columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    n_official_test: int = 0
    notes: list[str] = field(default_factory=list)


def from_anything(x: Any, y: Any, *, name: str, like: Schema | None = None) -> Data:
    """Build a data set from an array, a data frame, nested lists or another data set."""
    if isinstance(x, Data):
        if y is None and like is None:
            return x
        return _again(x, y, like)
    if hasattr(x, "columns") or hasattr(x, "__arrow_c_stream__"):
        from latentia.data._table import from_frame

        return from_frame(x, y, name=name, like=like)
    if hasattr(x, "toarray"):
        raise DataError(
            "The data are a sparse matrix.", where=name, how="Make them dense: x.toarray()."
        )
    return finish(Raw(x, y), name=name, source="memory", like=like)


def _again(data: Data, y: Any, like: Schema | None) -> Data:
    """Check a data set once more, with other labels or against a schema."""
    schema = data.schema
    raw = Raw(data.x, data.y if y is None else y, schema.columns, notes=list(data.notes))
    raw.n_official_test = data.n_official_test
    raw.labels = schema.labels if y is None else ()
    if like is not None and like.columns and set(like.columns) <= set(schema.columns):
        places = [schema.columns.index(column) for column in like.columns]
        raw.x, raw.columns = data.x[:, places], like.columns
    return finish(raw, name=schema.name, source=schema.source, like=like)


def finish(raw: Raw, *, name: str, source: str, like: Schema | None = None) -> Data:
    """Check raw numbers and give them their schema.

    Arguments:
        raw: What a reader found.
        name: The data set's name.
        source: Where it was found, for messages.
        like: The schema that the numbers must have; without one it is inferred.

    Raises:
        DataError: if the numbers cannot be learned from.
    """
    notes = list(raw.notes)
    columns = raw.columns if like is None else like.columns
    x = as_numbers(raw.x, source)
    _refuse_wrong_size(x, source, fewest=FEWEST if like is None else 1)
    if like is None:
        layout = _layout(x.shape, source, notes)
    else:
        layout, x = like.layout, like.from_model(like.to_model(x))
    refuse_bad_cells(x, source, columns=columns, image=layout != "vector")
    x, kind = convert(x, layout, source, notes, table=bool(columns), like=like)
    if like is None:
        _refuse_identical(x, source)
        _note_constant(x, kind, layout, notes)
    y, labels = encode(raw.y, raw.labels, len(x), source, notes, like=like)
    schema = _measured(Schema(name, source, kind, x.shape[1:], layout, columns, labels), x, y)
    return Data(x, y, schema, tuple(notes), raw.n_official_test)


def _measured(schema: Schema, x: Array, y: Array | None) -> Schema:
    """Add to a schema what has to be computed from the values."""
    digest = hashlib.sha256(x.data)
    if y is not None:
        digest.update(y.data)
    floats = x.dtype.kind == "f"
    missing = float(np.isnan(x).mean()) if floats else 0.0
    return replaced(
        schema,
        missing=missing,
        low=float(np.nanmin(x) if missing else x.min()),
        high=float(np.nanmax(x) if missing else x.max()),
        sha256=digest.hexdigest(),
        contrast=_contrast(x, schema.kind),
    )


def _contrast(x: Array, kind: Kind) -> float:
    """Return the mean of 4p(1-p): how far the values stay from black and white."""
    if kind == "real":
        return 0.0
    if x.dtype == np.uint8:
        counts = np.bincount(x.ravel(), minlength=256)
        p = np.arange(256) / (255.0 if kind == "bytes" else 1.0)
        return float((counts * 4 * p * (1 - p)).sum() / counts.sum()) if kind == "bytes" else 0.0
    return float(np.nanmean(4 * x * (1 - x), dtype=np.float64))


def _refuse_wrong_size(x: Array, source: str, *, fewest: int) -> None:
    if x.ndim < 2:
        what = "a single number" if x.ndim == 0 else f"one row of {len(x)} numbers"
        raise DataError(
            f"The data are {what} (shape {x.shape}), not a set of examples.",
            where=source,
            how="Reshape to (n, D): x.reshape(-1, 1) for n examples of one number each, "
            "x[None] for a single example of many.",
        )
    if 0 in x.shape:
        raise DataError(
            f"The data are empty: shape {x.shape}.",
            where=source,
            how="Give at least one value per example and 10 examples.",
        )
    if len(x) < fewest:
        count = f"{len(x)} example{'s are' if len(x) > 1 else ' is'}"
        raise DataError(
            f"{count} too few to learn from: at least {fewest} are needed.",
            where=source,
            how="Add examples (hundreds, better thousands). If this is one example per column, "
            "transpose it: x.T.",
        )


def _layout(shape: tuple[int, ...], source: str, notes: list[str]) -> Layout:
    """Tell from its shape what an array's axes are."""
    if len(shape) == 2:
        return "vector"
    if len(shape) == 3:
        return "hw"
    if len(shape) == 4:
        first, _, last = shape[1], shape[2], shape[3]
        if last <= 4:
            return "hwc"
        if first <= 4:
            return "chw"
        if first < min(shape[2], last) or last < min(first, shape[2]):
            layout: Layout = "chw" if first < last else "hwc"
            channels = min(first, last)
            notes.append(f"Axes are read as {layout}: {channels} channels, the smallest axis.")
            return layout
    raise DataError(
        f"An array of shape {shape} is neither vectors nor images.",
        where=source,
        how="Reshape to (n, D), (n, H, W), (n, H, W, C) or (n, C, H, W).",
    )


def _refuse_identical(x: Array, source: str) -> None:
    first = x[0]
    if all(np.array_equal(first, row, equal_nan=row.dtype.kind == "f") for row in x):
        raise DataError(
            f"All {len(x)} examples are identical: there is nothing to learn.",
            where=source,
            how="Check how the data were made; a model needs examples that differ.",
        )


def _note_constant(x: Array, kind: Kind, layout: Layout, notes: list[str]) -> None:
    """Name the constant columns of real vectors; they stay, so that the shape is the user's."""
    if kind != "real" or layout != "vector":
        return
    constant = np.flatnonzero((x == x[0]).all(axis=0))
    if len(constant):
        some = ", ".join(map(str, constant[:8])) + (", ..." if len(constant) > 8 else "")
        notes.append(
            f"{len(constant)} of {x.shape[1]} columns are constant ({some}). They are kept, so "
            f"that the shape stays yours, but carry no information and have no finite density: "
            f"drop them with x[:, x.std(0) > 0]."
        )
