"""Conditions as an estimator is given them: read, checked, and handed out part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor

from latentia.data import Schema
from latentia.data._conditions import columns_of, encoded
from latentia.errors import UsageError
from latentia.estimator._arrays import Array

__all__ = ["fitting", "known", "read", "under_each"]


def read(condition: Any, schema: Schema) -> Array:
    """Return conditions as numbers, (n, C) or (1, C).

    Arguments:
        condition: What a user says.
        schema: What the model's data are.

    Raises:
        UsageError: if the model has no conditions, or others.
    """
    known = schema.conditions
    if not known:
        raise UsageError(
            "This is a model of p(x): it has no conditions.",
            where="--condition",
            how="Train one of p(x|c): `ConditionalVAE`, or `latentia train --condition`.",
        )
    return encoded(known, columns_of(condition, tuple(one.name for one in known)), 0)


def fitting(c: Tensor | None, n: int) -> Tensor | None:
    """Return conditions if they are those of n examples, or of all.

    Raises:
        UsageError: if they are of another number.
    """
    if c is not None and len(c) not in (1, n):
        raise UsageError(
            f"There are conditions of {len(c)} examples, and {n} are asked for.",
            where="--condition",
            how="Say one for all of them, or one for each.",
        )
    return c


def known(c: Tensor | None) -> Tensor | None:
    """Return conditions if all of them are numbers.

    Raises:
        UsageError: if one is unknown.
    """
    if c is not None and bool(c.isnan().any()):
        raise UsageError(
            "Of some examples the condition is not known.",
            where="--condition",
            how="Say one for all of them, or leave those examples out.",
        )
    return c


def under_each(
    parts: Iterable[Tensor], n: int, c: Tensor | None
) -> Iterator[tuple[Tensor, Tensor | None]]:
    """Yield parts of n rows, each with the conditions of its rows."""
    fitting(c, n)
    done = 0
    for part in parts:
        yield part, c if c is None or len(c) == 1 else c[done : done + len(part)]
        done += len(part)
