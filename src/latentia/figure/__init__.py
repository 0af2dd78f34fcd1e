"""Pictures of a trained model that one would put in a paper: one kind per file.

A figure is drawn from a `Subject`: a fitted model, held-out data and the run's numbers. Importing
this package imports neither matplotlib nor torch; drawing imports matplotlib.

Example:
    >>> "latent-map" in kinds()
    True
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from latentia import room

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from latentia.figure.base import Subject

__all__ = ["available", "draw", "kinds", "save"]


def kinds() -> list[str]:
    """Return the names of all kinds of figure, in alphabetical order."""
    return room.names("figure")


def available(subject: Subject) -> dict[str, str]:
    """Return every kind of figure with the reason why it cannot be drawn, empty where it can.

    Arguments:
        subject: What there is to draw.
    """
    return {name: room.build("figure", name).why_not(subject) for name in kinds()}


def draw(name: str, subject: Subject, **options: Any) -> Figure:
    """Draw one kind of figure.

    Arguments:
        name: A name out of `kinds()`.
        subject: What there is to draw.
        options: The kind's own options, as its constructor takes them.

    Raises:
        UsageError: if there is no such kind or option, or if the kind does not apply.
    """
    figure: Figure = room.build("figure", {"name": name, **options}).draw(subject)
    return figure


def save(figure: Figure, path: str | Path, tell: Callable[[str], object] = warnings.warn) -> Path:
    """Write a figure as PNG, PDF or SVG, by suffix, and return its path.

    Arguments:
        figure: What `draw` returned.
        path: Where to; missing folders are made.
        tell: Is told, once, that names in the figure need a font that is not installed.

    Raises:
        UsageError: on any other suffix.
    """
    from latentia.figure import _style

    return _style.save(figure, path, tell)
