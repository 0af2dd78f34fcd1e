"""What a page shows of a run: its model with examples, or with the reason why there are none."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from latentia.command._inputs import Asked, examples, open_run
from latentia.data import names, where
from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError
from latentia.estimator.base import Estimator
from latentia.explorer.reel import Reel
from latentia.explorer.subject import MOST, Subject
from latentia.request import lasting
from latentia.run import Run
from latentia.shell import Shell

__all__ = ["explored", "together", "without_examples"]


def explored(
    shell: Shell,
    path: Path,
    asked: Asked,
    limit: int = MOST,
    *,
    command: str = "",
    needs: bool = False,
) -> Subject:
    """Open a run with the examples asked for; a run whose own data are gone has none.

    Arguments:
        shell: Who is told what is left out.
        path: The run's folder.
        asked: Which examples.
        limit: How many at most: the first of them, and never more than `MOST`.
        command: What takes other data by `--data`; `latentia explore` of the run if empty.
        needs: Whether examples are a must, even where the run's own data are gone.

    Raises:
        LatentiaError: if there is no run, or if other data are asked for and cannot be had, or
            there are none and they are a must.
    """
    run, model = open_run(shell, path)
    film = _filmed(shell, run, model)
    try:
        found = examples(shell, run, asked)
    except (DataError, RunError, MachineError, UsageError) as error:
        if needs or asked.data is not None:
            raise
        why = _why(error, command or f"latentia explore {shlex.quote(str(path))}")
        shell.say(f"note      The page shows the model without examples. {why}")
        empty = np.empty((0, *model.schema_.shape), np.float32)
        name = _to_fetch(run, asked.data_root)
        return Subject(run=run, model=model, x=empty, missing=why, fetch=name, film=film)
    part = found.first(min(limit, MOST))
    if len(part.x) < len(found.x):
        shell.say(f"note      the first {len(part.x)} of {len(found.x)} examples are shown")
    return Subject(
        run=run,
        model=model,
        x=part.x,
        y=part.y,
        labels=part.labels,
        source=lasting(part.name),
        split=part.split,
        rows=part.rows,
        c=part.c,
        beside=part.beside,
        total=len(found.x),
        film=film,
    )


def together(
    shell: Shell, paths: Sequence[Path], asked: Asked, limit: int = MOST
) -> list[Subject]:
    """Open runs that one page shows beside each other, on the same examples.

    Arguments:
        shell: Who is told what is left out.
        paths: The runs' folders; the first is what the page is about.
        asked: Which examples, of each run.
        limit: How many at most.

    Raises:
        LatentiaError: as `explored`.
        UsageError: if a run takes other x than the first, or comes with other examples.
    """
    first, *others = (explored(shell, path, asked, limit) for path in paths)
    for path, other in zip(paths[1:], others, strict=True):
        _require_same(first, other, f"--with {path}")
    return [replace(first, command=_command(paths, asked, limit)), *others]


def _command(paths: Sequence[Path], asked: Asked, limit: int) -> str:
    """Return what opens a page again from whatever folder; its port is the page's to say."""
    first, *others = (str(path.resolve()) for path in paths)
    words = ["latentia", "explore", first]
    for other in others:
        words += ["--with", other]
    if asked.data is not None:  # which is used whole
        words += ["--data", lasting(asked.data)]
    elif asked.split != Asked().split:
        words += ["--split", asked.split]
    if limit != MOST:
        words += ["--limit", str(limit)]
    if asked.data_root is not None:
        words += ["--data-root", str(Path(asked.data_root).resolve())]
    return shlex.join(words)


def _require_same(first: Subject, other: Subject, where: str) -> None:
    mine, theirs = (one.model.config_.model.x_shape for one in (first, other))
    if tuple(mine) != tuple(theirs):
        raise UsageError(
            f"This run takes x of shape {tuple(theirs)}, and the first of {tuple(mine)}.",
            where=where,
            how="Show beside each other runs that were trained on data of one shape.",
        )
    if not np.array_equal(first.x, other.x, equal_nan=first.x.dtype.kind == "f"):
        raise UsageError(
            "This run comes with other examples than the first, so that nothing beside each "
            "other would be about the same x.",
            where=where,
            how="Give both the same: --data NAME or --data FILE.",
        )


def _filmed(shell: Shell, run: Run, model: Estimator) -> Reel | None:
    """Return the film of a run's training; of one that is broken it is told, and there is none."""
    try:
        return Reel.read(run.film, model.schema_)
    except RunError as error:
        shell.say(f"note      {error.what} {error.how} ({error.where})")
        return None


def _to_fetch(run: Run, root: str | None) -> str:
    """Return the named set that a run was trained on, where it is not on this machine."""
    name = run.config().data.request
    return name if name in names() and where(name, root=root) is None else ""


def _why(error: LatentiaError, command: str) -> str:
    """Return why there are no examples: what is wrong, of which file, and how to show others."""
    place = f" ({error.where})" if error.where else ""
    return f"{error.what.rstrip('.')}{place}. Give the data: {command} --data FILE"


def without_examples(shell: Shell, path: Path) -> Subject:
    """Open a run for a page without examples: nothing is read but its folder."""
    run, model = open_run(shell, path)
    return Subject(run=run, model=model, x=np.empty((0, *model.schema_.shape), np.float32))
