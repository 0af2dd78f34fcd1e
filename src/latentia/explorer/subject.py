"""What a page is about: a run, its model, and the examples that are shown with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from latentia.estimator.base import Estimator
from latentia.explorer.reel import Reel
from latentia.explorer.small import size_of

__all__ = ["MOST", "Kept", "Subject"]

Array = npt.NDArray[Any]
MOST = 100_000  # examples of which a page shows the places


class Kept(Protocol):
    """What a page asks of a run; `latentia.run.Run` is one."""

    @property
    def path(self) -> Path | None:
        """Its folder; None of a model in memory."""

    @property
    def name(self) -> str:
        """What it is called."""

    def metrics(self) -> list[dict[str, Any]]:
        """Return one row per epoch and split."""

    def evaluations(self) -> dict[str, dict[str, Any]]:
        """Return what `latentia evaluate` found, by part."""

    def snapshots(self) -> list[tuple[int, Path]]:
        """Return the epochs whose weights were kept, with their files."""


@dataclass(frozen=True)
class Subject:
    """A run with the examples that a page shows of it.

    Arguments:
        run: The run.
        model: Its model; under the conditions of the examples, where it has conditions.
        x: Examples (n, ...), as the user has them; (0, ...) where there are none.
        y: Their classes (n,), -1 where unknown, or None.
        labels: Names of the classes.
        source: What the data are called.
        split: Which part of them they are.
        rows: Their places in the data (n,).
        c: Their conditions (n, C), or None.
        beside: What else is known of them, by name, (n,) each.
        total: How many there are in the part.
        missing: Why there are none; empty where there are.
        fetch: By which name `latentia data fetch` would have them; empty where it cannot.
        film: The film of its training, or None.
        command: What opens its page again; empty where no command did.
    """

    run: Kept
    model: Estimator
    x: Array
    y: Array | None = None
    labels: tuple[str, ...] = ()
    source: str = ""
    split: str = ""
    rows: Array = field(default_factory=lambda: np.empty(0, np.int32))
    c: Array | None = None
    beside: Mapping[str, Array] = field(default_factory=dict)
    total: int = 0
    missing: str = ""
    fetch: str = ""
    film: Reel | None = None
    command: str = ""

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(self.x)

    def at(self, places: Array) -> Subject:
        """Return the same with only the examples of some places, in their order."""
        return replace(
            self,
            x=self.x[places],
            y=None if self.y is None else self.y[places],
            rows=self.rows[places],
            c=None if self.c is None else self.c[places],
            beside={name: np.asarray(values)[places] for name, values in self.beside.items()},
        )

    @cached_property
    def numeric(self) -> dict[str, Array]:
        """What is known of the examples beside x and is numbers, by name, (n,) each."""
        kept = {}
        for name, values in self.beside.items():
            if np.issubdtype(np.asarray(values).dtype, np.number):
                kept[name] = np.asarray(values, np.float32)
        return kept

    @property
    def sheets(self) -> dict[str, int] | None:
        """How the sheets of small pictures are laid out; None where examples are no pictures."""
        size = size_of(self.model.schema_)
        if size is None or not self.count:
            return None
        tall, wide = size
        across = max(1, 1024 // wide)
        each = across * max(1, 1024 // tall)
        return {
            "height": tall,
            "width": wide,
            "across": across,
            "each": each,
            "sheets": ceil(self.count / each),
        }
