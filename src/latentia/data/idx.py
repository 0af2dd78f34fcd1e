"""IDX, MNIST's format: a magic number, the shape, and the values, usually gzipped."""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.data._data import Data
from latentia.data._raw import Raw
from latentia.data._wanted import Wanted
from latentia.data.base import PathFormat
from latentia.errors import DataError

__all__ = ["Idx", "find_parts", "read_idx", "read_parts"]

Array = npt.NDArray[Any]

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


@final
class Idx(PathFormat):
    """IDX files; labels lie beside the images, or a folder holds MNIST's four files."""

    suffixes = ("-ubyte.gz", "-ubyte", ".idx", ".idx.gz", ".gz")
    pattern = "IDX .gz"

    def claims(self, path: Path) -> bool:
        """Say whether this is an IDX file or a folder with MNIST's file names."""
        if path.is_dir():
            return find_parts(path, "train") is not None
        return super().claims(path) and not path.name.lower().endswith((".csv.gz", ".tsv.gz"))

    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read a file, or the training and test parts of a folder."""
        if path.is_dir():
            return Data.from_raw(
                read_parts(path), name=path.name, source=str(path), like=wanted.like
            )
        raw = Raw(read_idx(path))
        beside = _labels_beside(path)
        if beside is not None:
            raw.y = read_idx(beside)
            raw.notes.append(f"Labels come from {beside.name}.")
        return Data.from_raw(raw, name=path.name.split(".")[0], source=str(path), like=wanted.like)


def read_idx(path: Path) -> Array:
    """Read one IDX file.

    Arguments:
        path: The file, gzipped or not.

    Returns:
        An array of the shape and type that the file declares.

    Raises:
        DataError: on another format, a damaged or a truncated file.
    """
    content = _content(path)
    zero, code, ndim = struct.unpack(">HBB", content[:4]) if len(content) >= 4 else (1, 0, 0)
    if zero != 0 or code not in _TYPES or not 1 <= ndim <= 6:
        raise DataError(
            f"This is no IDX file: it begins with {content[:4].hex(' ') or 'nothing'}.",
            where=str(path),
            how="IDX begins with 00 00, a type (08 for bytes) and the number of dimensions.",
        )
    start, dtype = 4 + 4 * ndim, np.dtype(_TYPES[code])
    shape = struct.unpack(f">{ndim}I", content[4:start]) if len(content) >= start else ()
    expected, found = prod(shape) * dtype.itemsize, len(content) - start
    if not shape or found != expected:
        raise DataError(
            f"The file is damaged: its header promises {expected} bytes of values, "
            f"{max(found, 0)} follow.",
            where=str(path),
            how="Copy or download it again.",
        )
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def find_parts(folder: Path, part: str) -> tuple[Path, Path | None] | None:
    """Return the images and labels of MNIST's `train` or `t10k` part, if the folder has them."""

    def existing(kind: str) -> Path | None:
        for name in (f"{part}-{kind}-ubyte", f"{part}-{kind.replace('-', '.')}-ubyte"):
            for suffix in (".gz", ""):
                path = folder / (name + suffix)
                if path.is_file():
                    return path
        return None

    images = existing("images-idx3")
    return None if images is None else (images, existing("labels-idx1"))


def read_parts(folder: Path) -> Raw:
    """Read the training part and, last, the official test part of a folder of IDX files."""
    parts = [found for part in ("train", "t10k") if (found := find_parts(folder, part))]
    images = [read_idx(image) for image, _ in parts]
    if len({image.shape[1:] for image in images}) > 1:
        raise DataError(
            f"Training and test images differ in shape: {images[0].shape} and {images[1].shape}.",
            where=str(folder),
        )
    labels = [None if label is None else read_idx(label) for _, label in parts]
    known = [label for label in labels if label is not None]
    y = np.concatenate(known).astype(np.int64) if len(known) == len(labels) else None
    n_test = len(images[1]) if len(images) > 1 else 0
    return Raw(np.concatenate(images), y, n_official_test=n_test)


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"The gzip file is damaged or truncated: {error}.",
            where=str(path),
            how="Copy or download it again.",
        ) from error


def _labels_beside(path: Path) -> Path | None:
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    beside = path.with_name(name)
    return beside if name != path.name and beside.is_file() else None
