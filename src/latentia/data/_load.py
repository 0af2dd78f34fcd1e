"""From a name, a path or an array to a data set."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, overload

import numpy.typing as npt

from latentia import room
from latentia.data._data import Data
from latentia.data._places import roots
from latentia.data._raw import Raw
from latentia.data._runs import refuse_run
from latentia.data._schema import Schema
from latentia.data._wanted import Wanted, require_used
from latentia.data.base import NamedSet, PathFormat
from latentia.errors import DataError, UsageError

__all__ = ["fetch", "formats", "load", "names", "where"]

Array = npt.NDArray[Any]
Split = Literal["train", "test"]


def names() -> list[str]:
    """Return the names of the named sets, in alphabetical order.

    Example:
        >>> names()
        ['digits', 'fashion-mnist', 'mnist', 'mnist5k', 'sprites']
    """
    return list(_named())


def formats() -> dict[str, str]:
    """Return how each format of a path is written, by the format's name.

    Example:
        >>> formats()["npy"]
        '.npy, .npz'
    """
    return {name: format_.pattern for name, format_ in _formats().items()}


@overload
def load(
    name: Any,
    *,
    return_X_y: Literal[False] = False,
    root: str | Path | None = None,
    size: int | None = None,
    columns: Iterable[str] = (),
    drop: Iterable[str] = (),
    conditions: Iterable[str] = (),
    split: Split | None = None,
    like: Schema | None = None,
) -> Data: ...
@overload
def load(
    name: Any,
    *,
    return_X_y: Literal[True],
    root: str | Path | None = None,
    size: int | None = None,
    columns: Iterable[str] = (),
    drop: Iterable[str] = (),
    conditions: Iterable[str] = (),
    split: Split | None = None,
    like: Schema | None = None,
) -> tuple[Array, Array | None]: ...
def load(
    name: Any,
    *,
    return_X_y: bool = False,
    root: str | Path | None = None,
    size: int | None = None,
    columns: Iterable[str] = (),
    drop: Iterable[str] = (),
    conditions: Iterable[str] = (),
    split: Split | None = None,
    like: Schema | None = None,
) -> Data | tuple[Array, Array | None]:
    """Load a data set by name or path, or take an array in.

    Arguments:
        name: A name (`names()`), a path to a file or folder, an array, a data frame, or a `Data`.
        return_X_y: Return `(X, y)` instead of a `Data`.
        root: Folder of data sets to look in before all other places.
        size: Side in pixels to which a folder's images are brought.
        columns: The columns of a table that are the data, in this order; `["*"]` for all columns
            of numbers, also those that look like identifiers and would be left out.
        drop: Columns of a table to leave out altogether, as labels too.
        conditions: What is to be known of an example by a model of p(x|c): columns of a table,
            which are then no part of x, or `label`.
        split: Only the official training or test part.
        like: A schema that the data must have, e.g. that of a trained model: then columns are
            taken by name, images in its size, and even a single example is enough.

    Returns:
        The data set; or X (n, *shape), uint8 or float32, or float64 where the schema has an
        offset, and y (n,) int64 or None.

    Raises:
        DataError: if nothing has this name, or the data cannot be learned from.
        MachineError: if a named set is not here and cannot be downloaded.
        UsageError: if an option cannot be.

    Example:
        >>> X, y = load("mnist5k", return_X_y=True)
        >>> X.shape, X.dtype, y.shape
        ((5000, 28, 28), dtype('uint8'), (5000,))
    """
    told = _names(conditions, "conditions")
    wanted = Wanted(size, _names(columns, "columns"), _names(drop, "drop"), like, told)
    if size is not None and not 1 <= size <= 4096:
        raise UsageError(
            f"{size} is no side in pixels.", where="--size", how="Give a number from 1 to 4096."
        )
    data = _read(name, root, wanted)
    if told or data.has(wanted.beside):  # a model's may be said in other ways
        data = data.under(wanted.beside)
    if split is not None:
        data = _part(data, split)
    return (data.x, data.y) if return_X_y else data


def where(name: str, *, root: str | Path | None = None) -> str | None:
    """Say where a named set lies on this machine, or None if it would have to be downloaded.

    Example:
        >>> where("mnist5k")
        'embedded in latentia'
    """
    return _named_set(name).find(None if root is None else Path(root).expanduser())


def fetch(name: str, *, root: str | Path | None = None) -> str:
    """Download a named set if it is not on this machine, and return where it lies.

    Arguments:
        name: One of `names()`.
        root: The folder to download to; the user's cache if None.

    Raises:
        MachineError: if it cannot be downloaded; the message names every way out.
    """
    return _named_set(name).fetch(None if root is None else Path(root).expanduser())


@cache
def _members() -> dict[str, Any]:
    return {name: room.load("data", name)() for name in room.names("data")}


def _named() -> dict[str, NamedSet]:
    return {name: m for name, m in _members().items() if isinstance(m, NamedSet)}


def _formats() -> dict[str, PathFormat]:
    return {name: m for name, m in _members().items() if isinstance(m, PathFormat)}


def _named_set(name: str) -> NamedSet:
    found = _named().get(name.replace("_", "-").lower())
    if found is None:
        raise _unknown(name)
    return found


def _names(given: Iterable[str], option: str) -> tuple[str, ...]:
    if isinstance(given, str):
        raise UsageError(
            f"{given!r} is one text, not several names.",
            where=option,
            how=f"Give a list: {option}=[{given!r}].",
        )
    return tuple(given)


def _read(name: Any, root: str | Path | None, wanted: Wanted) -> Data:
    if not isinstance(name, str | Path):
        return Data.taken(name, wanted=wanted)
    if isinstance(name, str):
        found = _named().get(name.replace("_", "-").lower())
        if found is not None:
            require_used(wanted, name, size=False, columns=False)
            data = found.load(None if root is None else Path(root).expanduser())
            return Data.taken(data, wanted=wanted)
        if not name.strip():
            raise UsageError(
                "The name of the data is empty.",
                where="DATA",
                how="Give a name or a path; `.` is the folder you are in.",
            )
        if "://" in name:
            raise DataError(
                "Addresses are not read.",
                where=name,
                how="Download the file first and give its path.",
            )
    return _read_path(_existing(name, root), wanted)


def _existing(name: str | Path, root: str | Path | None) -> Path:
    """Return the path, also when it is given relative to a folder of data sets."""
    path = Path(name).expanduser()
    candidates = [path] if path.is_absolute() else [path, *(r / path for r in roots(root))]
    for candidate in candidates:
        if candidate.exists():
            named = candidate.name not in ("", "..")  # `.` has no name to call the data by
            return candidate if named else candidate.resolve()
    text = str(name)
    if path.suffix or "/" in text:
        raise DataError(
            "There is no such file or folder.",
            where=str(path.absolute()),
            how="Check the path; `latentia data list` shows the data sets known by name.",
        )
    raise _unknown(text)


def _read_path(path: Path, wanted: Wanted) -> Data:
    if path.is_file() and path.stat().st_size == 0:
        raise DataError("The file is empty (0 bytes).", where=str(path), how="Write it again.")
    refuse_run(path)
    for format_ in _formats().values():
        if format_.claims(path):
            has = {"size": format_.has_size, "columns": format_.has_columns}
            require_used(wanted, str(path), **has)
            try:
                return format_.read(path, wanted)
            except PermissionError as error:
                raise DataError(
                    "The file may not be read.",
                    where=str(error.filename or path),
                    how="Give yourself the right to read it: chmod u+r.",
                ) from error
    what = "folder holds nothing that can be read" if path.is_dir() else "file has no known format"
    raise DataError(f"The {what}.", where=str(path), how=f"Formats: {_written_formats()}.")


def _unknown(name: str) -> DataError:
    near = difflib.get_close_matches(name.lower(), names(), n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return DataError(
        f"There is no data set, file or folder called {name!r}.",
        where=f"looked in {Path.cwd()}",
        how=f"{hint}Names: {', '.join(names())}. Paths: {_written_formats()}.",
    )


def _written_formats() -> str:
    return "; ".join(formats().values())


def _part(data: Data, split: str) -> Data:
    """Restrict a data set to one of its official parts."""
    if split not in ("train", "test"):
        raise UsageError(
            f"There is no part called {split!r}.", where="split", how="Choose train or test."
        )
    if not data.n_official_test:
        raise DataError(
            f"{data.schema.name!r} has no official test set, so no {split} part either.",
            where=data.schema.source,
            how="Load it whole; Data.split() divides it.",
        )
    border = len(data.x) - data.n_official_test
    rows = slice(None, border) if split == "train" else slice(border, None)
    y = None if data.y is None else data.y[rows]
    schema = data.schema
    raw = Raw(data.x[rows], y, schema.columns, schema.labels, notes=list(data.notes))
    raw.names = data.names[rows]
    raw.beside = {known: values[rows] for known, values in data.beside.items()}
    part = Data.from_raw(raw, name=schema.name, source=schema.source, like=schema)
    return replace(part, notes=data.notes, c=None if data.c is None else data.c[rows])
