"""Which data a run asks for: loaded, divided, and loaded again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import latentia
from latentia.config import DataRecord
from latentia.data import Data
from latentia.errors import DataError, UsageError

__all__ = ["DataRequest", "lasting", "load_again", "load_data", "split_data"]


@dataclass(frozen=True)
class DataRequest:
    """Which data, and how they are divided.

    Arguments:
        name: A name or a path, as asked for; `array` for data in memory.
        root: Folder of data sets to look in first.
        size: Side in pixels for image folders, or None.
        columns: The columns of a table that are the data, or none for the default.
        drop: Columns of a table that are left out.
        conditions: What a model of p(x|c) is told: columns of a table, or `label`.
        validation: Rows or share kept for choosing, or None for the default.
        test: Rows or share kept for the final numbers, or None for the default; 0 keeps none.
        labelled: How many training examples keep their class, or None for all that have one.
    """

    name: str = "array"
    root: str | None = None
    size: int | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    validation: float | None = None
    test: float | None = None
    labelled: int | None = None


def lasting(name: str) -> str:
    """Return a data set's name as it is, and a path as one that holds from any folder.

    Example:
        >>> lasting("mnist5k")
        'mnist5k'
    """
    known = latentia.data.names()
    if name == DataRequest().name or name.replace("_", "-").lower() in known:
        return name
    return str(Path(name).expanduser().resolve()) if Path(name).expanduser().exists() else name


def load_data(request: DataRequest) -> Data:
    """Load the data of a request."""
    data = latentia.data.load(
        request.name,
        root=request.root,
        size=request.size,
        columns=request.columns,
        drop=request.drop,
        conditions=request.conditions,
    )
    return data if request.labelled is None else data.partly()


def load_again(
    record: DataRecord, *, root: str | None = None, instead: str
) -> tuple[Data, DataRequest]:
    """Load the data that a run was trained on, and how they were divided.

    Arguments:
        record: What the run remembers of them.
        root: Folder of data sets to look in first.
        instead: What else a user can do if they have changed.

    Raises:
        DataError: if they have changed since.
    """
    request = DataRequest(
        record.request,
        root=root,
        size=record.size,
        columns=record.schema_.columns,  # those that were found to be data, whatever asked for
        drop=record.drop,
        conditions=tuple(condition.name for condition in record.schema_.conditions),
        validation=record.validation,
        test=record.test,
        labelled=record.labelled,
    )
    try:
        data = load_data(request)
        now = f"{len(data)} examples, hash {data.fingerprint}"
    except UsageError as error:  # a column that was there
        data, now = None, error.what
    if data is None or data.schema.sha256 != record.schema_.sha256:
        raise DataError(
            "The data have changed since this run began: these are not the data that this run "
            "was trained on.",
            where=f"{record.request}: {now}; the run began with hash {record.schema_.sha256[:16]}",
            how=f"Restore the data, or {instead}.",
        )
    return replace(data, schema=record.schema_), request


def split_data(data: Data, request: DataRequest) -> dict[str, Any]:
    """Divide the rows as a request says; with `test=0`, everything is training or validation."""
    if request.test == 0:
        parts = data.split(validation=request.validation)
        rows = np.concatenate([parts["train"], parts["test"]])
        return {**parts, "train": rows, "test": rows[:0]}
    return data.split(validation=request.validation, test=request.test)
