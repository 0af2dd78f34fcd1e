"""What a run tells while it trains: one bar on a terminal, one line per epoch elsewhere."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO, final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from latentia.model import Terms
from latentia.training.checkpoint import Progress as Standing
from latentia.training.observer import Observer, Row
from latentia.training.settings import Settings

__all__ = ["Bar", "Lines", "Quiet", "observer_for", "sentence"]


@final
class Quiet(Observer):
    """Tells nothing."""

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Hear of one epoch."""


@final
class Lines(Observer):
    """One line per epoch, for logs and pipes.

    Arguments:
        latent_dim: L.
        note: `*` where the numbers are no likelihood, else nothing.
        file: Where the lines go; standard error by default.
        unit: What the numbers are counted in.
    """

    def __init__(
        self, latent_dim: int, note: str = "", file: TextIO | None = None, unit: str = "nats"
    ) -> None:
        self.latent_dim, self.note, self.file, self.unit = latent_dim, note, file, unit
        self.epochs = 0

    def begin(self, settings: Settings, standing: Standing) -> None:
        """Note how many epochs there will be."""
        self.epochs = settings.epochs

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Write the line of one epoch."""
        row = rows[-1]
        text = (
            f"epoch {row['epoch']:>{len(str(self.epochs))}}/{self.epochs}  "
            f"{sentence(row, self.latent_dim, self.note, self.unit)}{_critic(rows[0])}  "
            f"{row['seconds']:.1f} s"
        )
        self._print(text + ("  best" if improved else ""))

    def warn(self, text: str) -> None:
        """Write one line of warning."""
        self._print(f"warning   {text}")

    def _print(self, text: str) -> None:
        with suppress(OSError):  # the log's disk may be full; the run goes on
            print(text, file=self.file or sys.stderr, flush=True)


@final
class Bar(Observer):
    """One bar over the whole run, with the validation ELBO, its parts and the time left.

    Arguments:
        latent_dim: L.
        note: `*` where the numbers are no likelihood, else nothing.
        unit: What the numbers are counted in.
    """

    def __init__(self, latent_dim: int, note: str = "", unit: str = "nats") -> None:
        self.latent_dim, self.note, self.unit = latent_dim, note, unit
        self.epochs = 0
        console = Console(stderr=True)
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24 if console.width >= 100 else 6),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            refresh_per_second=8,
        )
        self.task: TaskID | None = None

    def begin(self, settings: Settings, standing: Standing) -> None:
        """Draw the empty bar."""
        self.epochs = settings.epochs
        self.bar.start()
        self.task = self.bar.add_task(
            f"epoch {standing.epoch}/{self.epochs}",
            total=settings.epochs,
            completed=standing.epoch,
            numbers="",
        )

    def step(self, standing: Standing, steps: int, terms: Terms) -> None:
        """Move the bar by one step."""
        if self.task is not None:
            self.bar.update(self.task, completed=standing.epoch + standing.step / steps)

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Show the numbers of one epoch."""
        if self.task is not None:
            numbers = _short(rows[-1], self.latent_dim, self.note, self.unit)
            description = f"epoch {rows[-1]['epoch']}/{self.epochs}"
            self.bar.update(self.task, description=description, numbers=numbers)

    def warn(self, text: str) -> None:
        """Write one line of warning above the bar."""
        with suppress(OSError):
            self.bar.console.print(f"warning   {text}", markup=False, highlight=False)

    def end(self) -> None:
        """Leave the finished bar on the screen, if the screen is still there."""
        with suppress(OSError):
            self.bar.stop()


def sentence(row: Row, latent_dim: int, note: str = "", unit: str = "nats") -> str:
    """Return the numbers of one row of metrics in words.

    Example:
        >>> row = {"elbo": -158.2, "reconstruction": -151.9, "kl": 6.3, "active_units": 2}
        >>> sentence(row, 2)
        'ELBO -158.20 nats = reconstruction -151.90 - KL 6.30  active 2/2'
        >>> sentence(row | {"elbo": None, "kl": None, "log_pz": -2.5}, 2, "*")
        'reconstruction* -151.90 nats, log p(z) -2.50  active 2/2'
    """
    return f"{_nats(row, note, unit, 'reconstruction')}  active {row['active_units']}/{latent_dim}"


def _nats(row: Row, note: str, unit: str, name: str) -> str:
    """Return a bound with its parts, or what is told of points, in words."""
    if row["elbo"] is None:
        penalty = f", log p(z) {row['log_pz']:.2f}" if "log_pz" in row else ""
        return f"{name}{note} {row['reconstruction']:.2f} {unit}{penalty}"
    return (
        f"ELBO{note} {row['elbo']:.2f} {unit} = {name} {row['reconstruction']:.2f} "
        f"- KL {row['kl']:.2f}"
    )


def _critic(row: Row) -> str:
    """Return what a critic told of the training data, in words, or nothing where there is none.

    Example:
        >>> _critic({"critic": {"loss": 0.6412, "total_correlation": 0.315}}), _critic({})
        ('  critic loss 0.641, total correlation 0.315', '')
    """
    told = row.get("critic", {}).items()
    words = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in told)
    return f"  critic {words}" if words else ""


def _short(row: Row, latent_dim: int, note: str, unit: str) -> str:
    """Return the same numbers in the width that a bar leaves on a narrow terminal."""
    return f"{_nats(row, note, unit, 'rec')}  {row['active_units']}/{latent_dim} active"


def observer_for(
    latent_dim: int, *, quiet: bool = False, note: str = "", unit: str = "nats"
) -> Observer:
    """Return a bar on a terminal, lines elsewhere, nothing if quiet."""
    if quiet:
        return Quiet()
    if sys.stderr.isatty():
        return Bar(latent_dim, note, unit)
    return Lines(latent_dim, note, unit=unit)
