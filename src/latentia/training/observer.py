"""Who is told of a run while it trains."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from latentia.model import LatentVariableModel, Terms
from latentia.training.checkpoint import Progress
from latentia.training.settings import Settings

__all__ = ["Observer", "Row", "chosen_by"]

Row = dict[str, Any]


class Observer(ABC):
    """What is told of a run while it runs; what it does not care for, it need not hear.

    It may look, and ask the run to stand still or to end; it may change no number.
    """

    @property
    def pauses(self) -> bool:
        """Whether the run is to stand still before its next step."""
        return False

    @property
    def enough(self) -> bool:
        """Whether the run is to end with the epoch under way."""
        return False

    @abstractmethod
    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Hear of the rows of one epoch (train, validation)."""

    def begin(self, settings: Settings, standing: Progress) -> None:  # noqa: B027
        """Hear that training begins, or goes on from where it stands."""

    def step(self, standing: Progress, steps: int, terms: Terms) -> None:  # noqa: B027
        """Hear of one step of an epoch of `steps` steps."""

    def look(self, model: LatentVariableModel) -> None:  # noqa: B027
        """Look at the model as an epoch was measured; the time of it is not the run's."""

    def warn(self, text: str) -> None:  # noqa: B027
        """Hear of what went wrong and does not stop the run."""

    def end(self) -> None:  # noqa: B027
        """Hear that training is over, however it ended."""


def chosen_by(row: Row) -> float:
    """Return the number by which a validation row is chosen: the objective, or else the ELBO.

    Of points there is no ELBO, and where nothing was chosen (a prior fitted to them) one row.

    Example:
        >>> chosen_by({"elbo": -9.0}), chosen_by({"elbo": -9.0, "objective": -8.0})
        (-9.0, -8.0)
    """
    if "objective" in row:
        return float(row["objective"])
    return float(row["reconstruction"] if row["elbo"] is None else row["elbo"])
