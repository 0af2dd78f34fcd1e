"""The values of a data set: numbers or not, finite or not, and on which scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._blocks import blocks, range_of
from latentia.data._schema import Kind, Layout, Schema
from latentia.data._where import Where
from latentia.errors import DataError

__all__ = ["as_numbers", "convert", "refuse_bad_cells", "whole"]

Array = npt.NDArray[Any]


def as_numbers(x: Any, source: str) -> Array:
    """Return the data as an array of booleans, integers or floats.

    Raises:
        DataError: if they are ragged, objects, text, dates or complex numbers.
    """
    if hasattr(x, "detach"):
        x = x.detach().cpu()  # a torch tensor may live on a device and carry a graph
    try:
        array: Array = np.asarray(x)
    except ValueError as error:
        raise DataError(
            "The examples differ in shape, so they form no array.",
            where=source,
            how="Bring them to one shape; a folder of images is resized with --size.",
        ) from error
    kinds = {"O": "Python objects", "c": "complex numbers", "M": "dates", "m": "durations"}
    if array.dtype.kind not in "biuf":
        what = kinds.get(array.dtype.kind, "text")
        mend = {
            "c": "Give real numbers: np.stack([x.real, x.imag], axis=1) holds both parts.",
            "O": "Convert to numbers of one shape: x.astype('float32').",
        }
        raise DataError(
            f"The data are {what} (dtype {array.dtype}), not numbers.",
            where=source,
            how=mend.get(array.dtype.kind, "Give numbers; text belongs in the labels y."),
        )
    return array


def refuse_bad_cells(x: Array, where: Where, *, image: bool) -> None:
    """Raise for infinite cells, cells beyond float32, and NaN in images.

    Raises:
        DataError: with the number of such cells and the place of the first.
    """
    if x.dtype.kind != "f":
        return
    largest = float(np.finfo(np.float32).max)
    low, high, missing = range_of(x)
    if missing == x.size:
        raise DataError(
            "Every value is NaN.", where=where.source, how="Check how the data were written."
        )
    top = max(-low, high)
    if np.isinf(top):
        _raise_for(np.isinf(x), "infinite", "Replace them, or make them NaN.", where)
    if top > largest:
        how = f"Rescale the column: float32 ends at {largest:.3g}."
        with np.errstate(invalid="ignore"):
            _raise_for(np.abs(x) > largest, "too large for float32", how, where)
    if image and missing:
        how = "Fill them, e.g. np.nan_to_num(x), or drop those images."
        _raise_for(np.isnan(x), "NaN", how, where)


def _raise_for(bad: Array, what: str, how: str, where: Where) -> None:
    count = int(bad.sum())
    first = where.cell(*(int(i) for i in np.argwhere(bad)[0]))
    cells = "1 cell is" if count == 1 else f"{count} cells are"
    raise DataError(f"{cells} {what}.", where=f"{where.source}, first at {first}", how=how)


def convert(
    x: Array,
    layout: Layout,
    source: str,
    notes: list[str],
    *,
    table: bool,
    like: Schema | None = None,
) -> tuple[Array, Kind]:
    """Find out the kind of the values and bring them to uint8 or float32.

    Arguments:
        x: Finite numbers (n, ...), NaN for missing.
        layout: What the axes are.
        source: Where the values come from.
        notes: Receives a sentence for each conversion.
        table: Whether these are columns of a table, whose integers are no intensities.
        like: A schema whose kind the values must have.

    Returns:
        C-contiguous values, and their kind.
    """
    low, high, _ = range_of(x)
    if like is not None:
        return _adopt(x, low, high, like, source, notes), like.kind
    if x.dtype.kind == "b" or (low >= 0 and high <= 1 and _only(x, 1)):
        if x.dtype.kind not in "b" and not table:
            notes.append("All values are 0 or 1: the data are taken as binary.")
        return _compact(x), "binary"
    if low >= 0 and high == 255 and not table and _only(x, 255):
        notes.append("All values are 0 or 255: the data are taken as binary, 255 as 1.")
        return _compact(x // 255), "binary"
    if x.dtype == np.uint8 and not table:
        return np.ascontiguousarray(x), "bytes"
    if low >= 0 and high <= 1:
        return np.ascontiguousarray(x, dtype=np.float32), "unit"
    if not table and _intensities(x, low, high, layout):
        notes.append(f"Whole numbers from 0 to 255 (dtype {x.dtype}) are taken as bytes.")
        return np.ascontiguousarray(x, dtype=np.uint8), "bytes"
    if layout != "vector" and low >= 0 and 127 < high <= 255:
        notes.append(
            "The images have fractional values up to 255 and are taken as real numbers; "
            "x / 255 would make them intensities within [0, 1]."
        )
    return np.ascontiguousarray(x, dtype=np.float32), "real"


def _adopt(
    x: Array, low: float, high: float, like: Schema, source: str, notes: list[str]
) -> Array:
    """Bring values to the kind of a given schema, or say why they have another."""
    match like.kind:
        case "binary":
            if low >= 0 and high <= 1 and _only(x, 1):
                return _compact(x)
            if low >= 0 and high == 255 and _only(x, 255):
                return _compact(x // 255)
            how = "Threshold them: x > 0.5 on the scale [0, 1], x > 127 on 0..255."
        case "bytes":
            levels = low >= 0 and high <= 255 and high != 1
            if x.dtype == np.uint8 or (levels and _levels(x)):
                return np.ascontiguousarray(x, dtype=np.uint8)
            if low >= 0 and high <= 1:
                notes.append("Values within [0, 1] were multiplied by 255 and rounded.")
                return np.ascontiguousarray(np.round(x * 255.0), dtype=np.uint8)
            how = "Give whole numbers from 0 to 255, or floats within [0, 1]."
        case "unit":
            if low >= 0 and high <= 1:
                return np.ascontiguousarray(x, dtype=np.float32)
            if x.dtype == np.uint8:
                notes.append("Bytes were divided by 255.")
                return np.ascontiguousarray(x / 255.0, dtype=np.float32)
            how = "Rescale them to [0, 1] as the training data were."
        case "real":
            return np.ascontiguousarray(x, dtype=np.float64 if like.offset else np.float32)
    raise DataError(
        f"The values run from {low:g} to {high:g}, but {like.name!r} is {like.kind} data.",
        where=source,
        how=how,
    )


def _intensities(x: Array, low: float, high: float, layout: Layout) -> bool:
    """Say whether whole numbers are most likely pixels; ages and counts are not."""
    if low < 0 or high > 255 or not _levels(x):
        return False
    return high > 127 if layout != "vector" else high == 255 and x.shape[1] >= 16


def _only(x: Array, one: int) -> bool:
    """Say whether every present value is 0 or `one`."""
    # The first rows decide for nearly all data, without a pass over everything.
    return all(bool(((p == 0) | (p == one) | (p != p)).all()) for p in blocks(x))


def whole(x: Array) -> bool:
    """Say whether every value of x (n, ...) that is present is a whole number.

    Example:
        >>> whole(np.array([1.0, np.nan])), whole(np.array([0.5, 1.0]))
        (True, False)
    """
    if x.dtype.kind != "f":
        return True
    return all(bool(((p == np.floor(p)) | np.isnan(p)).all()) for p in blocks(x))


def _levels(x: Array) -> bool:
    """Say whether every value is a whole number, and none is missing."""
    return whole(x) and not (x.dtype.kind == "f" and range_of(x).missing)


def _compact(x: Array) -> Array:
    """Store zeros and ones as bytes, or as floats where some are missing."""
    missing = x.dtype.kind == "f" and range_of(x).missing > 0
    return np.ascontiguousarray(x, dtype=np.float32 if missing else np.uint8)
