"""NumPy's files: one array (.npy), or named arrays with labels and parts (.npz)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.data._data import Data
from latentia.data._raw import Raw
from latentia.data._wanted import Wanted
from latentia.data.base import PathFormat
from latentia.errors import DataError

__all__ = ["Npy"]

Array = npt.NDArray[Any]

# Files of as many bytes and more stay on the disk, and are read where they are looked at.
_LARGE = 1 << 26
_EMPTY = b"PK\x05\x06"  # how an archive of nothing begins
_X = ("x", "data", "images", "image", "features", "arr_0")
_Y = ("y", "labels", "label", "targets", "target")


@final
class Npy(PathFormat):
    """NumPy arrays: `.npy`, or `.npz` with keys x and y, or x_train, y_train, x_test, y_test."""

    suffixes = (".npy", ".npz")
    pattern = ".npy, .npz"

    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read the arrays; nothing pickled is ever executed."""
        found = _arrays(path)
        raw = Raw(found) if isinstance(found, np.ndarray) else _choose(found, path)
        return Data.from_raw(raw, name=path.stem, source=str(path), like=wanted.like)


def _arrays(path: Path) -> Array | dict[str, Array]:
    with path.open("rb") as stream:
        magic = stream.read(6)
    if not magic.startswith((b"\x93NUMPY", b"PK\x03\x04", _EMPTY)):
        raise DataError(
            f"This is no NumPy file: it begins with {magic!r}.",
            where=str(path),
            how="Write it with np.save or np.savez.",
        )
    try:
        with path.open("rb") as stream:  # left to itself, NumPy leaks a damaged file's handle
            if magic.startswith(b"\x93") and path.stat().st_size >= _LARGE:
                return np.lib.format.open_memmap(path, mode="r")
            loaded = np.load(stream, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return loaded
            with loaded:
                return {key: loaded[key] for key in loaded.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, PermissionError):
            raise
        if "Object arrays" in str(error):
            raise DataError(
                "The array holds Python objects, which would have to be unpickled.",
                where=str(path),
                how="Save numbers of one shape: np.save(path, np.stack(x).astype('float32')).",
            ) from error
        raise DataError(
            f"The file is damaged or truncated: {error}.",
            where=str(path),
            how="Write or copy it again.",
        ) from error


def _choose(found: dict[str, Array], path: Path) -> Raw:
    """Pick examples, labels and official parts out of named arrays."""
    arrays = {key.lower(): array for key, array in found.items()}
    parts = {part: _pick(arrays, _both_ways(_X, part)) for part in ("train", "val", "test")}
    if parts["train"] is not None and parts["test"] is not None:
        return _official(arrays, parts, path)
    x = _pick(arrays, _X) if parts["train"] is None else parts["train"]
    y = _pick(arrays, _Y if parts["train"] is None else _both_ways(_Y, "train"))
    if x is None:
        others = [key for key in arrays if key not in _Y]
        if len(others) != 1:
            raise DataError(
                f"Which array holds the examples? There are: {', '.join(found) or 'none'}.",
                where=str(path),
                how="Name it x (and the labels y): np.savez(path, x=..., y=...).",
            )
        x = arrays[others[0]]
    return Raw(x, y)


def _official(arrays: dict[str, Array], parts: dict[str, Array | None], path: Path) -> Raw:
    present = {part: x for part, x in parts.items() if x is not None}
    shapes = {part: x.shape for part, x in present.items()}
    if len({shape[1:] for shape in shapes.values()}) > 1:
        raise DataError(
            f"The parts differ in the shape of an example: {shapes}.",
            where=str(path),
            how="Give every part examples of one shape.",
        )
    labels = {part: _pick(arrays, _both_ways(_Y, part)) for part in present}
    notes, y = [], None
    known = [label for label in labels.values() if label is not None]
    if len(known) == len(labels):
        y = np.concatenate([label.reshape(len(label), -1)[:, 0] for label in known])
    elif known:
        notes.append("Labels are left out: not every part has them.")
    if "val" in present:
        notes.append("The validation part was joined to the training part.")
    x = np.concatenate(list(present.values()))
    return Raw(x, y, n_official_test=len(present["test"]), notes=notes)


def _both_ways(keys: Iterable[str], part: str) -> list[str]:
    return [name for key in keys for name in (f"{key}_{part}", f"{part}_{key}")]


def _pick(arrays: dict[str, Array], keys: Iterable[str]) -> Array | None:
    return next((arrays[key] for key in keys if key in arrays), None)
