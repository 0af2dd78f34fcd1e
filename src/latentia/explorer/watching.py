"""The observer of a run that is watched: tells the page, and whoever told of it before."""

from __future__ import annotations

from typing import final

from latentia.explorer.film import Film
from latentia.explorer.live import Live
from latentia.model import LatentVariableModel, Terms
from latentia.training.checkpoint import Progress
from latentia.training.observer import Observer, Row
from latentia.training.settings import Settings

__all__ = ["Watching"]


@final
class Watching(Observer):
    """Tells a page of a run, and hands its wishes on.

    Nothing that goes wrong with pictures harms the run: it says so, and does without.

    Arguments:
        other: Who is told as well.
        live: What the page sees.
        film: What takes pictures, or None.
    """

    def __init__(self, other: Observer, live: Live, film: Film | None = None) -> None:
        self._other, self._live, self._film = other, live, film
        self._standing = Progress()

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
        self._picture()
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
        """Tell that it is over."""
        self._live.end()
        self._other.end()

    def _picture(self) -> None:
        film, standing = self._film, self._standing
        if film is None:
            return
        try:
            film.take(standing.epoch, standing.elapsed)
        except Exception as error:  # whatever a model has to say to a question out of turn
            self._film = None
            self.warn(f"the page goes on without pictures: {error}")
        self._live.frames = film.epochs
