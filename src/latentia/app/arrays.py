"""Arrays in numpy's .npy format: the header is believed only as far as the bytes go."""

from __future__ import annotations

import io
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from latentia.app.problems import Refused

__all__ = ["as_npy", "from_npy"]

Array = npt.NDArray[Any]
_DIMENSIONS = 8
_READ = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def from_npy(content: bytes, rows: int) -> Array:
    """Return an array of numbers; nothing is unpickled, and nothing allocated by a header's word.

    Arguments:
        content: A .npy file.
        rows: How many rows (the first axis) it may have.

    Returns:
        The array, of the bytes given.

    Raises:
        Refused: 400 if it is no such file, 422 if it holds objects or too many rows.

    Example:
        >>> from_npy(as_npy(np.eye(2)), rows=10).shape
        (2, 2)
    """
    file = io.BytesIO(content)
    try:
        version = npy.read_magic(file)
        if version not in _READ:
            raise ValueError(f"format {version[0]}.{version[1]} is not read, 1.0 and 2.0 are")
        shape, fortran, dtype = _READ[version](file)
    except Exception as error:  # numpy parses the header as Python, and raises as Python does
        why = (str(error).splitlines() or ["its header is broken"])[0].rstrip(".")
        raise Refused(
            400, f"The body is no .npy file: {why}.", how="Write it with numpy.save."
        ) from None
    _require_numbers(shape, dtype, rows)
    here = len(content) - file.tell()
    if here != prod(shape) * dtype.itemsize:
        raise Refused(
            400,
            f"The header tells of {prod(shape) * dtype.itemsize} bytes, and {here} follow.",
            how="Send the whole file, and nothing behind it.",
        )
    flat = np.frombuffer(content, dtype, offset=file.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def as_npy(array: Array) -> bytes:
    """Return an array as a .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _require_numbers(shape: tuple[int, ...], dtype: np.dtype[Any], rows: int) -> None:
    if dtype.kind not in "biuf" or dtype.shape or dtype.itemsize > 8:
        raise Refused(
            422,
            f"Arrays of type {dtype.str} are not read.",
            where="dtype",
            how="Send numbers: uint8, float32 or float64.",
        )
    if not 1 <= len(shape) <= _DIMENSIONS or 0 in shape or min(shape) < 0:
        raise Refused(
            422,
            f"An array of shape {shape} holds no rows.",
            where="shape",
            how="Send (n, ...), one example for each row.",
        )
    if shape[0] > rows:
        raise Refused(
            422,
            f"{shape[0]} rows are more than {rows}, the most of one request.",
            where="shape",
            how="Send fewer at a time.",
        )
