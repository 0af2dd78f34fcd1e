"""Labels of any type as indices into a tuple of class names."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data._schema import Schema
from latentia.errors import DataError

__all__ = ["MOST_CLASSES", "encode"]

Array = npt.NDArray[Any]

MOST_CLASSES = 1000  # more distinct values than this are a quantity, not a class


def encode(
    y: Any,
    labels: tuple[str, ...],
    n: int,
    source: str,
    notes: list[str],
    *,
    like: Schema | None = None,
) -> tuple[Array | None, tuple[str, ...]]:
    """Turn labels into class indices.

    Arguments:
        y: Labels (n,) of any type, None for none; indices into `labels` if those are given.
        labels: Class names, if known.
        n: Number of examples.
        source: Where the data come from.
        notes: Receives a sentence where labels cannot be used.
        like: A schema whose class names the labels must use.

    Returns:
        Indices (n,) int64, -1 where the label is missing, and the class names.

    Raises:
        DataError: if there are more or fewer labels than examples.

    Example:
        >>> encode(["cat", "ant", "cat"], (), 3, "memory", [])
        (array([1, 0, 1]), ('ant', 'cat'))
    """
    if y is None:
        return None, like.labels if like is not None else ()
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        notes.append(f"Labels of shape {y.shape} are no classes and are left out.")
        return None, ()
    if len(y) != n:
        raise DataError(
            f"There are {len(y)} labels for {n} examples.",
            where=source,
            how="Give one label per example.",
        )
    if labels:
        indices = y.astype(np.int64)
        if indices.max() >= len(labels):
            raise DataError(
                f"Label {indices.max()} is beyond the {len(labels)} classes.", where=source
            )
        names = np.array(labels)[indices]
        given = np.where(indices < 0, "", names)
    else:
        if y.dtype.kind == "f" and not _whole(y):
            notes.append("The labels are fractions, a quantity and no classes: left out.")
            return None, ()
        given, labels = _named(y)
        if len(labels) > MOST_CLASSES:
            notes.append(f"{len(labels)} distinct labels are no classes and are left out.")
            return None, ()
    return _indexed(given, like.labels if like is not None and like.labels else labels, notes)


def _named(y: Array) -> tuple[Array, tuple[str, ...]]:
    """Write labels as text, empty where missing, and list the classes in order."""
    if y.dtype.kind in "iub":
        values = np.unique(y)
        return y.astype(str), tuple(str(value) for value in values)
    if y.dtype.kind == "f":
        present = np.unique(y[~np.isnan(y)])
        text = [("" if value != value else str(int(value))) for value in y.tolist()]
        return np.array(text), tuple(str(int(value)) for value in present)
    text = [_text(value) for value in y.tolist()]
    classes = sorted({value for value in text if value})
    if all(value.lstrip("-").isdigit() for value in classes):
        classes.sort(key=int)
    return np.array(text), tuple(classes)


def _indexed(
    given: Array, labels: tuple[str, ...], notes: list[str]
) -> tuple[Array, tuple[str, ...]]:
    index = {label: i for i, label in enumerate(labels)}
    y = np.array([index.get(label, -1) for label in given.tolist()], dtype=np.int64)
    unknown = sorted({label for label in given.tolist() if label and label not in index})
    if unknown:
        notes.append(f"Unknown classes count as unlabelled: {', '.join(unknown[:5])}.")
    elif (y < 0).any():
        notes.append(f"{int((y < 0).sum())} examples have no label.")
    return y, labels


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _whole(y: Array) -> bool:
    present = y[~np.isnan(y)]
    return bool((present == np.floor(present)).all())
