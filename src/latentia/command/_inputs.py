"""What commands on a trained run start from: the run, its estimator and the examples asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentia.data import Data, load
from latentia.errors import RunError, UsageError
from latentia.estimator._load import load as load_estimator
from latentia.estimator.base import Estimator
from latentia.options import said_condition
from latentia.request import load_again, split_data
from latentia.run import Run
from latentia.shell import Shell

__all__ = ["Asked", "Examples", "alone", "examples", "open_run", "snapshots", "under"]

Array = npt.NDArray[Any]


class Asked(NamedTuple):
    """Which examples a command was asked to work on.

    Arguments:
        data: A name or path; the run's own data if None.
        split: A part of the run's own data: `train`, `validation`, `test`, or `all` of them.
        data_root: Folder of data sets to look in first.
    """

    data: str | None = None
    split: str = "test"
    data_root: str | None = None

    @classmethod
    def either(
        cls, data: str | None, option: str | None, split: str, data_root: str | None
    ) -> Asked:
        """Take the data as an argument or as `--data`, whichever was given.

        Raises:
            UsageError: if both were, and differ.
        """
        if data is not None and option is not None and data != option:
            raise UsageError(
                f"Two data sets are given: {data} and {option}.",
                where=f"--data {option}",
                how="Give one of them, as DATA or as --data.",
            )
        return cls(option if data is None else data, split, data_root)


class Examples(NamedTuple):
    """Examples with the run that they are for.

    Arguments:
        x: Examples (n, ...), as the user has them.
        y: Labels (n,), or None.
        labels: Names of the labels.
        name: What they are called.
        split: Which part they are.
        rows: Their places in the data (n,), counted from 0.
        files: The files that they are in, where each is one of its own; else empty.
        notes: What was done to other data than the run's own.
        c: Their conditions (n, C), or None.
        beside: What else is known of them, by name, (n,) each.
    """

    x: Array
    y: Array | None
    labels: tuple[str, ...]
    name: str
    split: str
    rows: Array
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    c: Array | None = None
    beside: Mapping[str, Array] = MappingProxyType({})

    def first(self, n: int | None) -> Examples:
        """Return the first n of them; all if n is None."""
        y = None if self.y is None else self.y[:n]
        c = None if self.c is None else self.c[:n]
        beside = {name: values[:n] for name, values in self.beside.items()}
        part = self._replace(x=self.x[:n], y=y, rows=self.rows[:n], files=self.files[:n])
        return part._replace(c=c, beside=beside)

    def alike(self, c: Any) -> Examples:
        """Return those under a condition c (1, C), or else the twentieth that is nearest to it."""
        if self.c is None or c is None:
            return self
        away = np.square(self.c - np.asarray(c.cpu())).sum(1)
        rows, known = np.flatnonzero(away == 0), np.flatnonzero(~np.isnan(away))
        if not len(known):  # of none of them the condition is known
            return self
        if not len(rows):
            nearest = known[np.argsort(away[known], kind="stable")]
            rows = np.sort(nearest[: max(1, len(known) // 20)])
        files = tuple(self.files[i] for i in rows) if self.files else ()
        y = None if self.y is None else self.y[rows]
        part = self._replace(x=self.x[rows], y=y, rows=self.rows[rows], files=files)
        beside = {name: values[rows] for name, values in self.beside.items()}
        return part._replace(c=self.c[rows], beside=beside)

    def factors(self, model: Estimator) -> dict[str, Array]:
        """Return what is known of them, by name, and is not what the model is told."""
        told = {condition.name for condition in model.schema_.conditions}
        if "label" in told and self.y is not None:  # which may be a factor by another name
            label = np.array([*self.labels, ""])[self.y]
            told |= {name for name, v in self.beside.items() if np.array_equal(v, label)}
        return {name: values for name, values in self.beside.items() if name not in told}

    def places(self) -> dict[str, Array]:
        """Return the columns by which a table says which example a line is about."""
        named = {"path": np.array(self.files)} if self.files else {}
        return {"example": np.arange(len(self.x)), "row": self.rows, **named}


def open_run(shell: Shell, path: Path) -> tuple[Run, Estimator]:
    """Open a run folder and load its model; say so if its training ran away."""
    run, estimator = Run(path), load_estimator(path, device=shell.device)
    if estimator.config_.diverged:
        shell.say(f"warning   {estimator.config_.diverged}")
    return run, estimator


def examples(shell: Shell, run: Run, asked: Asked) -> Examples:
    """Load the examples asked for, in the shape that the run's model takes.

    What was done to other data than the run's own is told; training has told of those.

    Raises:
        DataError: if the run's own data have changed, or other data do not fit the model.
        RunError: if the run was fitted on an array, whose data are not on disk.
    """
    record = run.config().data
    if asked.data is not None:
        data = load(asked.data, root=asked.data_root, size=record.size, like=record.schema_)
        for note in data.notes:
            shell.say(f"note      {note}")
        return _named(data, asked.data, "all")._replace(notes=data.notes)
    if record.request == "array":
        raise RunError(
            "This run was fitted on an array in memory, which is not kept with it.",
            where=str(run.path),
            how="Give the data: --data FILE.",
        )
    other = "give others to use whole: --data FILE"
    data, request = load_again(record, root=asked.data_root, instead=other)
    if asked.split == "all":
        return _named(data, record.request, "all")
    rows = split_data(data, request)[asked.split]
    if not len(rows):
        raise UsageError(
            f"This run keeps no {asked.split} part: it was trained with --{asked.split} 0.",
            where=str(run.path),
            how="Name another part with --split, or give other data: --data FILE.",
        )
    return _named(data, record.request, asked.split, rows)


def under(model: Estimator, found: Examples | None, condition: str | None) -> Estimator:
    """Return the model under the conditions said, or else those of the examples.

    Arguments:
        model: The model of the run.
        found: Examples, or None where there are none.
        condition: NAME=VALUE between commas, or a single value; None where nothing is said.

    Raises:
        UsageError: if nothing says them, or they cannot be.
    """
    if condition is not None:
        return model.given(said_condition(condition))
    if not model.schema_.conditions or model.model_.is_open:
        return model
    if found is None or found.c is None:
        names = [one.name for one in model.schema_.conditions]
        raise UsageError(
            f"This is a model of p(x|c), and nothing says c: {', '.join(names)}.",
            where="--condition",
            how=f"Say it: --condition {','.join(f'{name}=VALUE' for name in names)}.",
        )
    return model.under(found.c)


def alone(model: Estimator, found: Examples, condition: str) -> tuple[Estimator, Examples]:
    """Return the model under one condition, and of the examples those that are under it.

    What is told of latents or drawn of a model under one condition is so of such examples alone:
    q(z|x, c) of an x under another c is asked for what it never saw.

    Arguments:
        model: The model of the run.
        found: Examples; all are kept where nothing says under which condition each is.
        condition: NAME=VALUE between commas, or a single value.
    """
    model = under(model, None, condition)
    return model, found.alike(model.condition_)


def snapshots(run: Run, shell: Shell) -> tuple[tuple[int, Estimator], ...]:
    """Load the model of every epoch whose weights were kept."""
    return tuple(
        (epoch, load_estimator(run.path, device=shell.device, epoch=epoch))
        for epoch, _ in run.snapshots()
    )


def _named(data: Data, name: str, split: str, rows: Array | None = None) -> Examples:
    """Return rows of a data set, or all of it without a copy."""
    part: Array | slice = slice(None) if rows is None else rows
    y = None if data.y is None else data.y[part]
    if y is not None and not np.any(y >= 0):
        y = None
    rows = np.arange(len(data)) if rows is None else rows
    files = tuple(data.names[i] for i in rows) if data.names else ()
    c = None if data.c is None else data.c[part]
    beside = {known: np.asarray(values)[part] for known, values in data.beside.items()}
    return Examples(
        data.x[part], y, data.schema.labels, name, split, rows, files, c=c, beside=beside
    )
