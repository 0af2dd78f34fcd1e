"""A run as its page sees it while it trains: told by the training's thread, asked by the server's.

Neither waits for the other: the training leaves what it has to say, and looks at two wishes.
"""

from __future__ import annotations

from math import ceil
from typing import Any, Literal, final

from latentia.explorer.feed import Feed, Rows
from latentia.training.checkpoint import Progress
from latentia.training.observer import Row, chosen_by
from latentia.training.settings import Settings

__all__ = ["Live", "Wish"]

Wish = Literal["pause", "resume", "stop"]


@final
class Live(Feed):
    """Where a run stands, its rows, and what the page wishes: to stand still, or to end.

    Arguments:
        count: How many examples an epoch trains on.
        rows: The rows of a run that goes on.

    Example:
        >>> live = Live(1000)
        >>> live.wish("pause")
        >>> live.pausing, live.standing()["state"]
        (True, 'paused')
    """

    def __init__(self, count: int, rows: list[Row] | None = None) -> None:
        self._count, self._rows, self._life = count, list(rows or []), 0
        self._settings, self._progress, self._steps = Settings(), Progress(), 0
        self._begun, self._ended, self._why = (0.0, 0.0), False, ""
        self._speed: float | None = None
        self._warnings: list[str] = []
        self.pausing = self.stopping = False
        self.frames: list[int] = []

    def begin(self, settings: Settings, standing: Progress) -> None:
        """Hear that training begins, or goes on from where it stands."""
        self._settings, self._progress = settings, standing
        self._steps = ceil(self._count / max(1, settings.batch_size))
        # What a killed run had told beyond its checkpoint is trained again.
        kept = [row for row in self._rows if row["epoch"] <= standing.epoch]
        if len(kept) < len(self._rows):
            self._rows, self._life = kept, self._life + 1
        self._begun = (standing.elapsed + standing.epoch_seconds, self._done)

    def step(self, standing: Progress, steps: int) -> None:
        """Hear of one step; the numbers are looked at by whoever asks for them."""
        self._progress, self._steps = standing, steps

    def epoch(self, rows: list[Row]) -> None:
        """Hear of the rows of an epoch."""
        self._rows += rows

    def warn(self, text: str) -> None:
        """Hear of what went wrong and does not stop the run."""
        self._warnings.append(text)

    def end(self, why: str = "") -> None:
        """Hear that training is over, and why, if that needs a word."""
        self._ended, self.pausing = True, False
        self._why = why or self._why

    def wish(self, what: Wish) -> None:
        """Ask the run to stand still, to go on, or to end with the epoch under way."""
        self.pausing = what == "pause" and not self.stopping
        self.stopping = self.stopping or what == "stop"

    def rows(self) -> Rows:
        """Return the rows so far."""
        return Rows(self._life, self._rows)

    def standing(self) -> dict[str, Any]:
        """Return state, epoch, step, speed, seconds spent and left, and epochs with pictures."""
        progress, settings = self._progress, self._settings
        return {
            "state": self._state,
            "why": self._why,
            "warnings": list(self._warnings),
            "epoch": progress.epoch,
            "epochs": settings.epochs,
            "step": progress.step,
            "steps": self._steps,
            "best_epoch": self._best,
            "learning_rate": progress.learning_rate,
            "examples_per_second": self._examples_per_second,
            "elapsed": round(self._elapsed, 1),
            "left": None if self._ended else self._left,
            "frames": list(self.frames),
        }

    @property
    def _state(self) -> str:
        if self._ended:
            return "over"
        if self.pausing:
            return "paused"
        return "stopping" if self.stopping else "training"

    @property
    def _elapsed(self) -> float:
        return self._progress.elapsed + self._progress.epoch_seconds

    @property
    def _done(self) -> float:
        """Epochs that are done, with fraction."""
        return self._progress.epoch + self._progress.step / max(1, self._steps)

    @property
    def _left(self) -> float | None:
        """Seconds to the last epoch at the speed so far, or to the time that was given."""
        spent, done = self._elapsed - self._begun[0], self._done - self._begun[1]
        if done <= 0:
            return None
        left = spent / done * max(0.0, self._settings.epochs - self._done)
        limit = self._settings.max_time
        return round(left if limit is None else max(0.0, min(left, limit - self._elapsed)), 1)

    @property
    def _examples_per_second(self) -> float | None:
        """Of the epoch under way, or of the last one at its end."""
        progress = self._progress
        if progress.step and progress.epoch_seconds > 0:
            seen = min(progress.step * max(1, self._settings.batch_size), self._count)
            self._speed = round(seen / progress.epoch_seconds, 1)
        return self._speed

    @property
    def _best(self) -> int | None:
        validated = [row for row in list(self._rows) if row["split"] == "validation"]
        return max(validated, key=chosen_by)["epoch"] if validated else None
