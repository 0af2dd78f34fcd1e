"""Conditions: what a model of p(x|c) is told of an example, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.errors import DataError, UsageError

__all__ = ["Condition", "columns_of", "encoded", "learned"]

Array = npt.NDArray[Any]

_MOST = 1000  # more distinct texts than this are a name, not a class


@dataclass(frozen=True)
class Condition:
    """One thing that is known of examples: a class, or a number.

    Arguments:
        name: What it is called.
        classes: The names of its classes; empty of a number.
        mean: Mean of a number in the data.
        std: Its standard deviation.
        partly: Whether it is a class that some examples have and others do not.

    Example:
        >>> Condition("label", ("a", "b")).encode(["b", "a"])
        array([[0., 1.],
               [1., 0.]], dtype=float32)
        >>> Condition("age", mean=40.0, std=10.0).encode([50]).tolist()
        [[1.0]]
    """

    name: str
    classes: tuple[str, ...] = ()
    mean: float = 0.0
    std: float = 1.0
    partly: bool = False

    @property
    def width(self) -> int:
        """How many numbers it is: one for each class, or one."""
        return len(self.classes) or 1

    def __str__(self) -> str:
        """Return its name and what it can be."""
        return f"{self.name} ({len(self.classes)} classes)" if self.classes else self.name

    def encode(self, values: Any, *, missing: bool = False) -> Array:
        """Return values (n,) as numbers (n, width), float32: one-hot, or standardized.

        Arguments:
            values: What is known.
            missing: Whether a class that is `partly` known may be missing: a row of NaN.

        Raises:
            UsageError: if one is missing, no class of it, or no number.
        """
        given = np.asarray(values)
        given = given.reshape(len(given)) if given.ndim else given.reshape(1)
        if self.classes:
            return self._one_hot(given, missing=missing and self.partly)
        return self._scaled(given)

    def _one_hot(self, given: Array, *, missing: bool) -> Array:
        place = {name: i for i, name in enumerate(self.classes)}
        text = [_text(value) for value in given.tolist()]
        found = np.array([place.get(value, -1) for value in text])
        absent = np.array([missing and not value for value in text], dtype=bool)
        if ((found < 0) & ~absent).any():
            first = int(np.flatnonzero((found < 0) & ~absent)[0])
            some = ", ".join(self.classes[:20]) + (", ..." if len(self.classes) > 20 else "")
            raise UsageError(
                f"{given.tolist()[first]!r} is no {self.name}.",
                where=f"--condition {self.name}{_row(first, given)}",
                how=f"There are: {some}.",
            )
        one_hot: Array = np.eye(len(self.classes), dtype=np.float32)[found]
        one_hot[absent] = np.nan
        return one_hot

    def _scaled(self, given: Array) -> Array:
        numbers = np.array([_number(value) for value in given.tolist()])
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            raise UsageError(
                f"{given.tolist()[bad[0]]!r} is no number for {self.name}.",
                where=f"--condition {self.name}{_row(int(bad[0]), given)}",
                how="Conditions are known of every example: give a number.",
            )
        return ((numbers - self.mean) / self.std).astype(np.float32)[:, None]


def learned(name: str, values: Any) -> Condition:
    """Find out what a condition is from its values: text and booleans are classes.

    Arguments:
        name: What it is called.
        values: Its values (n,) in the data.

    Raises:
        DataError: if a number is missing somewhere, it says nothing, or has too many classes.

    Example:
        >>> learned("colour", np.array(["red", "blue", "red"])).classes
        ('blue', 'red')
    """
    given = np.asarray(values)
    if given.dtype.kind in "iuf":
        numbers = given.astype(np.float64)
        _require_known(name, ~np.isfinite(numbers))
        if numbers.std() == 0:
            raise _says_nothing(name)
        return Condition(name, (), float(numbers.mean()), float(numbers.std()))
    text = [_text(value) for value in given.tolist()]
    classes = tuple(sorted(set(text) - {""}))
    if len(classes) < 2:
        raise _says_nothing(name)
    if len(classes) > _MOST:
        raise DataError(
            f"Condition {name!r} has {len(classes)} classes, which is as good as none.",
            where=f"--condition {name}",
            how="Use a column of numbers, or one of few classes.",
        )
    return Condition(name, classes, partly=not all(text))


def encoded(
    conditions: tuple[Condition, ...],
    columns: Mapping[str, Any],
    n: int,
    *,
    missing: bool = False,
) -> Array:
    """Return the conditions of n examples as numbers (n, C), or (1, C) where one is said for all.

    Arguments:
        conditions: What they are.
        columns: Their values by name: (n,) each, or one for all.
        n: How many examples; 0 for any number.
        missing: Whether a class that is partly known may be missing.

    Raises:
        UsageError: if one is missing, unknown, or of another length.
    """
    known = [condition.name for condition in conditions]
    for name in columns:
        if name not in known:
            raise UsageError(
                f"There is no condition {name!r}.",
                where="--condition",
                how=f"This model has: {', '.join(known)}.",
            )
    absent = [name for name in known if name not in columns]
    if absent:
        raise UsageError(
            f"Nothing is said of {', '.join(absent)}.",
            where="--condition",
            how="Say all: " + " ".join(f"--condition {name}=..." for name in known) + ".",
        )
    parts = [one.encode(columns[one.name], missing=missing) for one in conditions]
    rows = max(map(len, parts))
    if n and rows not in (1, n):
        raise UsageError(
            f"There are conditions of {rows} examples for {n}.",
            where="--condition",
            how="Give one for each example, or one for all of them.",
        )
    wrong = [
        c.name for c, part in zip(conditions, parts, strict=True) if len(part) not in (1, rows)
    ]
    if wrong:
        raise UsageError(
            f"Conditions are of different lengths: {', '.join(wrong)}.", where="--condition"
        )
    return np.concatenate([np.broadcast_to(p, (rows, p.shape[1])) for p in parts], axis=1)


def columns_of(given: Any, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return conditions as columns by name: of a mapping, a data frame, an array or one value.

    Arguments:
        given: What a user has.
        names: The names of a model's conditions; made up where there are none.

    Raises:
        UsageError: if an array has another number of columns.

    Example:
        >>> columns_of([1, 2], ("label",))
        {'label': array([1, 2])}
    """
    if isinstance(given, Mapping):
        return dict(given)
    if hasattr(given, "column_names"):  # an Arrow table
        return {str(name): np.asarray(given[name].to_pylist()) for name in given.column_names}
    if hasattr(given, "columns") and hasattr(given, "__getitem__"):
        return {str(name): np.asarray(given[name]) for name in given.columns}
    values = np.asarray(given)
    if not values.size:
        raise UsageError("No condition is said.", where="--condition", how="Say at least one.")
    width = values.shape[1] if values.ndim == 2 else 1
    values = values[:, 0] if values.ndim == 2 and width == 1 else values
    if names and width != len(names):
        raise UsageError(
            f"These are {width} conditions, and the model has {len(names)}: {', '.join(names)}.",
            where="--condition",
            how="Give them by name: {" + ", ".join(f"{name!r}: ..." for name in names) + "}.",
        )
    if width == 1 and values.ndim < 2:
        return {(names or ("label",))[0]: values}
    return {name: values[:, i] for i, name in enumerate(names or [f"c{i}" for i in range(width)])}


def _require_known(name: str, absent: Array) -> None:
    if absent.any():
        raise DataError(
            f"Condition {name!r} is not known of {int(absent.sum())} of {len(absent)} examples.",
            where=f"--condition {name}, first at row {int(np.flatnonzero(absent)[0])}",
            how="Leave these examples out, or fill them in: of one condition, a class can be "
            "unknown, and a number cannot.",
        )


def _says_nothing(name: str) -> DataError:
    return DataError(
        f"Condition {name!r} is the same for all examples.",
        where=f"--condition {name}",
        how="Leave it out.",
    )


def _number(value: Any) -> float:
    """Return a value as a number; NaN if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _row(row: int, given: Array) -> str:
    """Return the words for the row of many values; nothing of a single one."""
    return f", row {row} (from 0)" if len(given) > 1 else ""


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
