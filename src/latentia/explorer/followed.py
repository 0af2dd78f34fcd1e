"""A run followed by its files, whoever trains it: `metrics.jsonl` is read as it grows."""

from __future__ import annotations

import json
import os
import threading
from typing import Any, final

from latentia.explorer.feed import Feed, Rows
from latentia.run import Run
from latentia.training.observer import Row

__all__ = ["Followed"]


@final
class Followed(Feed):
    """The metrics of a folder, of which each time only what is new is read.

    A file that was written anew (a run that goes on from a checkpoint, or has begun again) is read
    from its start.

    Arguments:
        run: The run.

    Example:
        >>> Followed(Run("no/such/run")).rows()
        Rows(life=0, rows=[])
    """

    def __init__(self, run: Run) -> None:
        self._run, self._path = run, run.path / "metrics.jsonl"
        self._rows: list[Row] = []
        self._life, self._read = 0, 0
        self._file: tuple[int, int] | None = None
        # Pages that follow the same run ask at once.
        self._one = threading.Lock()

    def rows(self) -> Rows:
        """Return the rows so far; of a last line that is being written, nothing yet."""
        with self._one:
            try:
                with self._path.open("rb") as file:
                    self._look(os.fstat(file.fileno()))
                    file.seek(self._read)
                    self._take(file.read())
            except OSError:  # there is none, or none any more
                self._begin_again(None)
            return Rows(self._life, self._rows)

    def standing(self) -> dict[str, Any]:
        """Return `state`: whether a process trains it now."""
        return {"state": "training" if self._run.seems_busy else "over"}

    def _look(self, found: os.stat_result) -> None:
        file = (found.st_dev, found.st_ino)
        if self._file not in (None, file) or found.st_size < self._read:
            self._begin_again(file)
        self._file = file

    def _begin_again(self, file: tuple[int, int] | None) -> None:
        if self._rows:
            self._life += 1
        self._rows, self._read, self._file = [], 0, file

    def _take(self, content: bytes) -> None:
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.splitlines():
            try:
                self._rows.append(json.loads(line))
            except ValueError:  # cut by a crash; what follows it is told all the same
                continue
        self._read += len(whole)
