"""What a user asks of data beyond their name: a size, a choice of columns, a model's schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from latentia.data._schema import Schema
from latentia.errors import UsageError

__all__ = ["EVERY", "Wanted", "require_there", "require_used"]

EVERY = ("*",)  # all columns of numbers, those that look like identifiers included


@dataclass(frozen=True)
class Wanted:
    """How data are to be read; nothing asked for by default.

    Arguments:
        size: Side in pixels for images.
        columns: The columns of a table that are x, in this order; `EVERY` for all of numbers.
        drop: Columns of a table that are left out altogether, as labels too.
        like: The schema that the data must have, e.g. a trained model's.
        conditions: Columns of a table that are conditions, and no part of x.
    """

    size: int | None = None
    columns: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    like: Schema | None = None
    conditions: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns that are conditions, by the user or by a model."""
        if self.like is not None:
            return tuple(condition.name for condition in self.like.conditions)
        return self.conditions

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that are asked for by name, by the user or by a model."""
        if self.like is not None:
            return self.like.columns
        return () if self.columns == EVERY else self.columns


def require_there(asked: Iterable[str], there: Iterable[str], option: str) -> None:
    """Refuse column names that are not in the table, naming the nearest.

    Raises:
        UsageError: naming the first such column.
    """
    known = list(there)
    for name in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            listed = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
            raise UsageError(
                f"There is no column {name!r}.", where=option, how=f"{hint}There are: {listed}."
            )


def require_used(wanted: Wanted, name: str, *, size: bool, columns: bool) -> None:
    """Refuse what is asked for and would do nothing; beside a model's schema nothing is asked.

    Arguments:
        wanted: What is asked for.
        name: What the data are called.
        size: Whether they are images that can be brought to a size.
        columns: Whether they have columns to choose from.

    Raises:
        UsageError: naming the option.
    """
    if wanted.like is not None:
        return
    if wanted.size is not None and not size:
        raise UsageError(
            f"{name} is no folder of images, so it cannot be brought to a size.",
            where=f"--size {wanted.size}",
            how="Leave --size out.",
        )
    if (wanted.columns or wanted.drop) and not columns:
        option = "--columns" if wanted.columns else "--drop"
        raise UsageError(
            f"{name} is no table with named columns, of which to choose some.",
            where=option,
            how=f"Leave {option} out; cut an array before it is written: np.save(path, x[:, 1:]).",
        )
