"""From raw numbers to a schema: check them, find out what they are, and say what was done."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentia.data._blocks import blocks, range_of
from latentia.data._columns import constant_columns, remarks
from latentia.data._labels import encode
from latentia.data._precision import centred, centres, refuse_magnitudes
from latentia.data._raw import Raw
from latentia.data._schema import Kind, Layout, Schema
from latentia.data._values import as_numbers, convert, refuse_bad_cells, whole
from latentia.data._where import Where
from latentia.errors import DataError

__all__ = ["FEWEST", "Examined", "examine"]

Array = npt.NDArray[Any]

_TRANSPOSE = " If this is one example per column, transpose it: x.T."
FEWEST = 10  # below this, training, validation and test parts say nothing


class Examined(NamedTuple):
    """Numbers that were found good, and what they are: the fields of a `Data`."""

    x: Array
    y: Array | None
    schema: Schema
    notes: tuple[str, ...]
    n_official_test: int
    names: tuple[str, ...]
    beside: dict[str, Any]


def examine(
    raw: Raw, *, name: str, source: str, like: Schema | None = None, measured: bool = True
) -> Examined:
    """Check raw numbers and give them their schema.

    Arguments:
        raw: What a reader found.
        name: The data set's name.
        source: Where it was found, for messages.
        like: The schema that the numbers must have; without one it is inferred.
        measured: Whether the schema tells the hash, the range and the contrast of the values, for
            which each is looked at several times.

    Raises:
        DataError: if the numbers cannot be learned from.
    """
    notes = list(raw.notes)
    columns = raw.columns if like is None else like.columns
    where = Where(source, columns, raw.row)
    x = as_numbers(raw.x, source)
    _refuse_wrong_size(x, source, fewest=FEWEST if like is None else 1, table=bool(columns))
    if like is None:
        layout = _layout(x.shape, source, notes)
    else:
        layout, x = like.layout, _in_shape(x, like, notes, source)
    refuse_bad_cells(x, where, image=layout != "vector")
    read = x
    x, kind = convert(read, layout, source, notes, table=bool(columns), like=like)
    offset = _offset(read, kind, layout, where) if like is None else ()
    if offset:
        # What is constant, whole or discrete is seen on the numbers as read, not rounded
        x, kind = np.ascontiguousarray(read, dtype=np.float64), "real"
        notes.append(centred(offset, where))
    schema = Schema(
        name, source, kind, x.shape[1:], layout, columns, white=raw.white, offset=offset
    )
    if like is not None:
        schema = replace(
            schema,
            constant=like.constant,
            constant_values=like.constant_values,
            white=like.white,
            offset=like.offset,
            conditions=like.conditions,
            left_out=like.left_out,
        )
    else:
        schema = replace(schema, left_out=raw.constant)
        _refuse_identical(x, source)
        if layout == "vector" and kind in ("unit", "real"):
            schema = _without_constants(schema, x, notes)
            notes += remarks(x, where, but=schema.constant)
    y, labels = encode(raw.y, raw.labels, len(x), source, notes, like=like)
    schema = replace(schema, labels=labels)
    schema = _measured(schema, x, y) if measured else schema
    said = tuple(dict.fromkeys(notes))
    return Examined(x, y, schema, said, raw.n_official_test, raw.names, raw.beside)


def _offset(read: Array, kind: Kind, layout: Layout, where: Where) -> tuple[float, ...]:
    """Return what float32 needs taken from the columns; refuse what no shift makes it hold."""
    if kind not in ("unit", "real"):
        return ()
    refuse_magnitudes(read, where, columns=layout == "vector")
    return centres(read, unit=kind == "unit") if layout == "vector" else ()


def _in_shape(x: Array, like: Schema, notes: list[str], source: str) -> Array:
    """Bring numbers to the shape of a schema, with its constants where it has some."""
    if like.constant and x.shape[1:] == like.shape:
        given = x[:, like.constant].astype(np.float32)
        expected = np.array(like.constant_values, np.float32)
        others = (~np.isnan(given) & (given != expected)).any(axis=1)
        if others.any():
            notes.append(
                f"{int(others.sum())} rows have another value in columns that were constant in "
                f"training ({', '.join(map(str, like.constant[:8]))}, counted from 0). The model "
                f"does not see these columns."
            )
    return like.from_model(like.to_model(x, source))


def _without_constants(schema: Schema, x: Array, notes: list[str]) -> Schema:
    """Let a model of vectors see only the columns that vary; the shape stays the user's.

    A density on a constant has no maximum: sigma would shrink to its floor and every such column
    add nats that measure the floor.
    """
    constant = constant_columns(x)
    if not constant:
        return schema
    if len(constant) == x.shape[1]:
        raise DataError(
            "Every column is constant: there is nothing to learn.",
            where=schema.source,
            how="Give at least one column whose values differ.",
        )
    some = ", ".join(map(str, constant[:8])) + (", ..." if len(constant) > 8 else "")
    notes.append(
        f"Columns that are constant: {len(constant)} of {x.shape[1]} ({some}, counted from 0). "
        f"They are kept out of the model, for no density on them is finite, and come back as they "
        f"are in whatever it returns: the shape stays yours."
    )
    # Where nothing else is present, a maximum that passes over NaN is the value
    values = tuple(float(np.nanmax(x[:, column])) for column in constant)
    return replace(schema, constant=constant, constant_values=values)


def _measured(schema: Schema, x: Array, y: Array | None) -> Schema:
    """Add to a schema what has to be computed from the values."""
    digest = hashlib.sha256(x.data)
    hashes = [digest.hexdigest()]
    if y is not None:
        digest.update(y.data)
        hashes.append(digest.hexdigest())
    missing = range_of(x).missing
    # What a model never sees says nothing of what it sees.
    varying = np.delete(x, schema.constant, axis=1) if schema.constant else x
    low, high, _ = range_of(varying)
    return replace(
        schema,
        missing=missing / x.size,
        low=low,
        high=high,
        sha256=hashes[-1],
        sha256_x=tuple(hashes),
        contrast=_contrast(x, schema.kind),
        whole=schema.kind in ("binary", "bytes") or whole(varying),
    )


def _contrast(x: Array, kind: Kind) -> float:
    """Return the mean of 4p(1-p): how far the values stay from black and white."""
    if kind == "real":
        return 0.0
    if x.dtype == np.uint8:
        if kind == "binary":
            return 0.0
        # In parts: bincount makes eight bytes of every one.
        counts = np.sum([np.bincount(p.ravel(), minlength=256) for p in blocks(x)], axis=0)
        p = np.arange(256) / 255.0
        return float((counts * 4 * p * (1 - p)).sum() / counts.sum())
    sums = [np.nansum(4 * part * (1 - part), dtype=np.float64) for part in blocks(x)]
    return float(sum(sums) / max(1, x.size - range_of(x).missing))


def _refuse_wrong_size(x: Array, source: str, *, fewest: int, table: bool) -> None:
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
            how="Add examples (hundreds, better thousands)."
            + (_TRANSPOSE if x.ndim == 2 and not table else ""),
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
