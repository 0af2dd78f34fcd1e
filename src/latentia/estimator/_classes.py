"""Classes as scikit-learn has them: -1 for an example without one, and the type of y."""

from __future__ import annotations

from typing import Any

import numpy as np

from latentia.data._conditions import columns_of
from latentia.errors import UsageError
from latentia.estimator._arrays import Array

__all__ = ["classes_of", "named", "require_classes"]


def named(y: Any) -> tuple[str, Array]:
    """Return what the labels are called, and each as text (n,), empty where there is none.

    Arguments:
        y: Labels (n,), -1, NaN, None or empty where there is none; or a single column by name.

    Raises:
        UsageError: if they are several columns, or fractions.

    Example:
        >>> named([1, 0, -1])[1].tolist(), named(["cat", None])[1].tolist()
        (['1', '0', ''], ['cat', ''])
    """
    columns = columns_of(y)
    if len(columns) != 1:
        raise UsageError(
            f"There are {len(columns)} columns of labels: {', '.join(columns)}.",
            where="y",
            how="Give one; several conditions, known of every example, are for `ConditionalVAE`.",
        )
    ((name, values),) = columns.items()
    given = np.asarray(values).reshape(-1).tolist()
    if any(isinstance(value, float) and value % 1 for value in given if value == value):
        raise UsageError(
            "The labels are fractions, a quantity and no classes.",
            where="y",
            how="Give classes; a number that is known of every example is for `ConditionalVAE`.",
        )
    text = ["" if _is_none(value) else _text(value) for value in given]
    return name, np.array(text, dtype=object)


def require_classes(text: Array) -> None:
    """Refuse labels (n,) that tell nothing apart.

    Raises:
        UsageError: if there are none, or all are the same.
    """
    left = sorted(set(text.tolist()) - {""})
    if len(left) < 2:
        raise UsageError(
            f"Labels are to tell classes apart, and there is {left[0] if left else 'no class'}"
            f"{' alone' if left else ''}.",
            where="y",
            how="-1, NaN, None and '' stand for an example without a label: name classes "
            "otherwise, and give labels of two or more.",
        )


def classes_of(names: tuple[str, ...]) -> Array:
    """Return the classes (C,) as y has them: whole numbers or booleans where all are, else text.

    Example:
        >>> classes_of(("0", "7")).tolist(), classes_of(("a", "7")).tolist()
        ([0, 7], ['a', '7'])
    """
    if all(name.lstrip("-").isdigit() and str(int(name)) == name for name in names):
        return np.array([int(name) for name in names])
    if set(names) == {"False", "True"}:
        return np.array([name == "True" for name in names])
    return np.array(names)


def _is_none(value: Any) -> bool:
    missing = value is None or value != value or value == ""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return bool(missing or (number and value == -1))


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
