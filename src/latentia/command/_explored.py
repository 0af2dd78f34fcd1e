"""What a page shows of a run: its model with examples, or with the reason why there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from latentia.command._inputs import Asked, examples, open_run
from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError
from latentia.explorer.subject import MOST, Subject
from latentia.shell import Shell

__all__ = ["explored", "without_examples"]


def explored(shell: Shell, path: Path, asked: Asked, limit: int = MOST) -> Subject:
    """Open a run with the examples asked for; a run whose own data are gone has none.

    Arguments:
        shell: Who is told what is left out.
        path: The run's folder.
        asked: Which examples.
        limit: How many at most: the first of them, and never more than `MOST`.

    Raises:
        LatentiaError: if there is no run, or if other data are asked for and cannot be had.
    """
    run, model = open_run(shell, path)
    try:
        found = examples(shell, run, asked)
    except (DataError, RunError, MachineError, UsageError) as error:
        if asked.data is not None:
            raise
        why = _why(error, path)
        shell.say(f"note      The page shows the model without examples. {why}")
        empty = np.empty((0, *model.schema_.shape), np.float32)
        return Subject(run=run, model=model, x=empty, missing=why)
    part = found.first(min(limit, MOST))
    if len(part.x) < len(found.x):
        shell.say(f"note      the first {len(part.x)} of {len(found.x)} examples are shown")
    return Subject(
        run=run,
        model=model,
        x=part.x,
        y=part.y,
        labels=part.labels,
        source=part.name,
        split=part.split,
        rows=part.rows,
        c=part.c,
        beside=part.beside,
        total=len(found.x),
    )


def _why(error: LatentiaError, path: Path) -> str:
    """Return why there are no examples: what is wrong, of which file, and how to show others."""
    where = f" ({error.where})" if error.where else ""
    return f"{error.what.rstrip('.')}{where}. Give the data: latentia explore {path} --data FILE"


def without_examples(shell: Shell, path: Path) -> Subject:
    """Open a run for a page without examples: nothing is read but its folder."""
    run, model = open_run(shell, path)
    return Subject(run=run, model=model, x=np.empty((0, *model.schema_.shape), np.float32))
