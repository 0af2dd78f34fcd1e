"""The observer of a run that is watched: tells the page, and whoever told of it before."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import final

from latentia.config import first_line
from latentia.explorer.film import Film
from latentia.explorer.live import Live
from latentia.explorer.reel import Reel
from latentia.model import LatentVariableModel, Terms
from latentia.training.checkpoint import Progress
from latentia.training.observer import Observer, Row
from latentia.training.settings import Settings

__all__ = ["Watching"]

_EVERY = 60.0  # seconds after which new frames are kept


@final
class Watching(Observer):
    """Tells a page of a run, and hands its wishes on.

    Nothing that goes wrong with pictures harms the run: it says so, and does without.

    Arguments:
        other: Who is told as well.
        live: What the page sees.
        film: What takes pictures, or None.
        keep: Keeps them with the run, if it does.
    """

    def __init__(
        self,
        other: Observer,
        live: Live,
        film: Film | None = None,
        keep: Callable[[Reel], None] | None = None,
    ) -> None:
        self._other, self._live, self._film = other, live, film
        self._keep = keep or _nowhere
        self._standing = Progress()
        self._unkept: Reel | None = None
        self._kept_at = time.monotonic()

    @property
    def pauses(self) -> bool:
        """Whether the page wishes the run to stand still."""
        return self._live.pausing

    @property
    def enough(self) -> bool:
        """Whether the page wishes the run to end with the epoch under way."""
        return self._live.stopping

    def begin(self, settings: Settings, standing: Progress) -> None:
        """Take a first picture, of the model as it is."""
        self._standing = standing
        self._live.begin(settings, standing)
        self._picture(first=True)
        self._other.begin(settings, standing)

    def step(self, standing: Progress, steps: int, terms: Terms) -> None:
        """Note where the run stands."""
        self._live.step(standing, steps)
        self._other.step(standing, steps, terms)

    def look(self, model: LatentVariableModel) -> None:
        """Take a picture."""
        self._picture()
        self._other.look(model)

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Tell the rows of one epoch."""
        self._live.epoch(rows)
        self._other.epoch(rows, improved)

    def warn(self, text: str) -> None:
        """Tell a warning."""
        self._live.warn(text)
        self._other.warn(text)

    def end(self) -> None:
        """Keep what is new of the film, and tell that it is over."""
        self._write()
        self._live.end()
        self._other.end()

    def _picture(self, *, first: bool = False) -> None:
        film, standing = self._film, self._standing
        if film is None:
            return
        before = film.epochs
        try:
            if first:
                film.begin(standing.epoch, standing.elapsed, ended=standing.step == 0)
            else:
                film.take(standing.epoch, standing.elapsed)
        except Exception as error:  # whatever a model has to say to a question out of turn
            self._film = None
            self.warn(f"the page goes on without pictures: {error}")
        self._live.frames = film.epochs
        if film.epochs != before:
            self._unkept = film.reel
        if time.monotonic() - self._kept_at >= _EVERY:
            self._write()

    def _write(self) -> None:
        """Keep the film, if there is anything new of it."""
        reel, self._unkept = self._unkept, None
        if reel is None:
            return
        try:
            self._keep(reel)
        except Exception as error:
            self._keep = _nowhere
            self.warn(f"the film of the training is not kept: {first_line(error)}")
        self._kept_at = time.monotonic()


def _nowhere(reel: Reel) -> None:
    """Keep nothing."""
