"""The house's style: colours, type, titles and notes, and files that repeat byte for byte."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.figure
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from latentia.errors import UsageError
from latentia.figure import _fonts, _text

__all__ = [
    "ACCENT",
    "INK",
    "MARKERS",
    "PALETTE",
    "SECOND",
    "WIDTH",
    "abreast",
    "bounded",
    "heading",
    "new_figure",
    "note_height",
    "number",
    "save",
    "style",
]

# Okabe & Ito's eight colours, safe for colour-blind readers, and two more that keep as far apart;
# markers differ as well and have a thin dark edge, on which yellow holds on paper.
PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
    "#D55E00", "#000000", "#F0E442", "#BBBBBB", "#882255",
)  # fmt: skip
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "<", "*", ">")
ACCENT, SECOND, INK = "#0072B2", "#D55E00", "#222222"
WIDTH = 6.4  # inches: the text width of most papers

_SETTINGS: Any = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "figure.titlesize": 11,
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.linewidth": 0.8,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": "#888888",
    "ytick.color": "#888888",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "legend.handletextpad": 0.4,
    "figure.constrained_layout.w_pad": 0.06,
    "figure.constrained_layout.h_pad": 0.05,
    "pdf.fonttype": 42,
    "svg.hashsalt": "latentia",
}
_METADATA: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    ".svg": {"Date": None, "Creator": None},
}


@contextmanager
def style() -> Iterator[None]:
    """Apply the house's settings to what is drawn inside, whatever the user's own settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS | {"font.family": _fonts.families()})
        yield


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure of a size in inches that lays itself out."""
    return Figure(figsize=(width, height), layout="constrained")


def abreast(n: int) -> int:
    """Return how many of n panels stand side by side."""
    return 2 if n == 4 else min(3, n)


def heading(figure: Figure, title: str, note: str = "") -> None:
    """Write the run's name above a figure and, below it, a note that says what is seen."""
    width = float(figure.get_size_inches()[0])
    if title:
        figure.suptitle(
            _wrapped(_text.plain(title), width, 11), x=0.012, ha="left", fontweight="bold"
        )
    if note:
        figure.supxlabel(_wrapped(note, width, 9), x=0.012, ha="left", fontsize=9, color="#555555")


def note_height(note: str, width: float = WIDTH) -> float:
    """Return the height in inches that a note takes below a figure."""
    return 0.16 * (_wrapped(note, width, 9).count("\n") + 1) + 0.08 if note else 0.0


def number(value: float, form: str) -> str:
    """Write a number by a format, with a true minus sign."""
    return format(value, form).replace("-", "−")


def bounded(ax: Axes) -> None:
    """Draw a light grid behind a panel of numbers."""
    ax.grid(True)
    ax.tick_params(length=2.5)


def save(figure: Figure, path: str | Path, tell: Callable[[str], object] = warnings.warn) -> Path:
    """Write a figure by the suffix of its path; the same figure gives the same bytes.

    Arguments:
        figure: What `draw` returned.
        path: A file ending in .png, .pdf or .svg; missing folders are made.
        tell: Is told, once, that names in the figure need a font that is not installed.

    Raises:
        UsageError: on any other suffix.
    """
    path = Path(path)
    metadata = _METADATA.get(path.suffix.lower())
    if metadata is None:
        raise UsageError(
            f"A figure cannot be written as {path.suffix or 'a file without suffix'}.",
            where=str(path),
            how=f"Choose one of: {', '.join(_METADATA)}.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with style(), _fonts.telling(figure, tell):
        figure.savefig(path, metadata=metadata)
    return path


def _wrapped(text: str, width: float, points: float) -> str:
    return _text.wrapped(text, int((width - 0.15) * 72 / (points * 0.535)))
