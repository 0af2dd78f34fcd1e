"""When checkpoints are written, and what is said where one cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from latentia.errors import MachineError, RunError
from latentia.training.checkpoint import Checkpoints, Progress

__all__ = ["Saver"]


@final
class Saver:
    """Writes checkpoints while a run trains; only the last one has to succeed.

    Arguments:
        checkpoints: Where they go, or None for nowhere.
        write: Writes one, of how the run stands.
        warn: Hears of one that could not be written while training goes on.
    """

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        write: Callable[[], None],
        warn: Callable[[str], None],
    ) -> None:
        self._checkpoints, self._write, self._warn = checkpoints, write, warn
        self._saved, self._failing = time.monotonic(), False

    def save(self, *, every: float = 0.0) -> None:
        """Write a checkpoint, if the last one is older than `every` seconds.

        One that fails is told once and tried again at the next turn.
        """
        if self._checkpoints is None or time.monotonic() - self._saved < every:
            return
        try:
            self._write()
            self._failing = False
        except MachineError as error:
            if not self._failing:
                self._warn(
                    f"A checkpoint could not be written, and training goes on: {error}\n"
                    f"  until one is written, a crash loses {self._lost()}."
                )
            self._failing = True
        self._saved = time.monotonic()

    def save_last(self, progress: Progress) -> None:
        """Write the checkpoint that a run leaves behind.

        Raises:
            MachineError: if it cannot be written, saying what is lost by it.
        """
        if self._checkpoints is None:
            return
        try:
            self._write()
        except MachineError as error:
            best = f"of epoch {progress.best_epoch}" if progress.best_epoch > 0 else "untrained"
            raise MachineError(
                f"The last checkpoint could not be written, which loses {self._lost()} to a "
                f"resumed run; the best weights so far are {best}. {error.what}",
                where=error.where,
                how=f"{error.how} Then `latentia train --resume` trains again what was lost.",
            ) from None

    def _lost(self) -> str:
        assert self._checkpoints is not None
        try:
            kept, _ = self._checkpoints.peek()
        except (RunError, OSError):
            return "everything since the start"
        if (kept.epoch, kept.step) == (0, 0):
            return "everything since the first step"
        return f"everything after epoch {kept.epoch} and {kept.step} steps"
