"""The lab: the tutorial's claims as experiments with a verdict. One claim per file.

    latentia lab                    # what there is
    latentia lab simple-prior       # run one: numbers, verdict, figure

Example:
    >>> "pixel-distance" in names()
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentia import room

if TYPE_CHECKING:
    from pathlib import Path

    from latentia.lab._bench import Bench

__all__ = ["bench", "claim", "names", "run"]


def names() -> list[str]:
    """Return the names of all experiments, in the order of the tutorial's argument."""
    from latentia.lab._order import ORDER

    found = room.names("lab")
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def claim(name: str) -> str:
    """Return what an experiment puts to the test, in a sentence."""
    return room.member("lab", name).summary


def bench(data: str = "auto", **options: Any) -> Bench:
    """Return the data and the trained models that experiments share.

    Arguments:
        data: Images with labels, by name or path; `auto` is full MNIST if it is on this machine,
            else the embedded 5,000 digits.
        options: As `Bench` takes them.
    """
    from latentia.lab._bench import Bench

    return Bench(data, **options)


def run(name: str, on: Bench, out: Path, **options: Any) -> dict[str, Any]:
    """Run an experiment; write `NAME.png` and `NAME.json` into a folder.

    Arguments:
        name: One of `names()`.
        on: What `bench` returned.
        out: The folder; made if missing.
        options: The experiment's own options, as its constructor takes them.

    Returns:
        `name`, `claim`, `verdict` (confirmed, refuted or undecided), `checks`, `numbers`,
        `figure`, and what it was run on. The same seed and data give the same numbers.

    Raises:
        UsageError: if there is no such experiment or option.
    """
    from latentia.lab._report import conduct

    return conduct(room.member("lab", name).name, on, out, options)
