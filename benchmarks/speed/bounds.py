"""What was aimed at and not reached, and what bounds it: a page from the other pages' numbers.

    python benchmarks/speed/bounds.py

Nothing is measured here. The ratios are those of `run.py` and `use.py`, on all threads; the shares
are those of `shares.py`, on one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from kinds import KINDS
from run import AGAINST, HERE

# A step of training, of the peer's time and of its own floor; a task in use, of its own floor.
OF_PEER, FLOORS, FLOORS_IN_USE = 0.70, 1.6, 2.0
WAYS = {"latentia": "as written", "latentia, compiled": "compiled"}
_MOST = 5


def text(found: dict[str, Any]) -> str:
    """Return the page.

    Arguments:
        found: The numbers of the pages `speed`, `use` and `profile`.
    """
    speed, use, profile = found["speed"], found["use"], found["profile"]
    lines = [
        "# Ratios that were not reached",
        "",
        f"Aimed at are {OF_PEER:.2f} of the time of `{AGAINST}` and {FLOORS} floors for a step of "
        f"training, and {FLOORS_IN_USE:.0f} floors in use. Made by `make bench` from the numbers "
        f"of [speed.md](speed.md) ({_days(speed)}; the faster of written and compiled) and "
        f"[use.md](use.md) ({use['date']}), {speed['threads']} threads, and the shares of "
        f"[profile.md](profile.md) ({profile['date']}), one thread. "
        "A race or a task that is not here has reached both.",
        "",
        f"| race | | of {AGAINST} | floors | the floor, of {AGAINST} | what bounds it |",
        "|---|---|---|---|---|---|",
        *_races(speed["races"], profile["steps"]),
        "",
        "| in use | floors | what bounds it |",
        "|---|---|---|",
        *_tasks(use["tasks"], profile["use"]),
    ]
    return "\n".join([*lines, ""])


def _days(speed: dict[str, Any]) -> str:
    """Return the day of the races, or the first and the last of them."""
    days = sorted({ran.get("date", speed["date"]) for ran in speed["races"].values()})
    return " to ".join(dict.fromkeys([days[0], days[-1]]))


def _races(races: dict[str, Any], steps: dict[str, Any]) -> list[str]:
    lines = []
    for title, ran in races.items():
        table = ran["table"]
        name = min((one for one in WAYS if one in table), key=lambda one: table[one]["seconds"])
        row, way = table[name], WAYS[name]
        peer = row["ratio"]
        if row["above_floor"] <= FLOORS and (peer is None or peer <= OF_PEER):
            continue
        told = ["-" if one is None else f"{one:.2f}" for one in (peer, table["floor"]["ratio"])]
        lines.append(
            f"| {title} | {way} | {told[0]} | {row['above_floor']:.2f} | {told[1]} | "
            f"{shares(steps.get(title, {}).get(way))} |"
        )
    return lines


def _tasks(tasks: dict[str, Any], watched: dict[str, Any]) -> list[str]:
    lines = []
    for what, row in tasks.items():
        if row["ratio"] > FLOORS_IN_USE:
            name = what.replace("|", chr(92) + "|")  # a bar of its own would end the cell
            lines.append(f"| {name} | {row['ratio']:.2f} | {shares(watched.get(what))} |")
    return lines


def shares(row: dict[str, Any] | None) -> str:
    """Return the largest shares of a step or a task in words.

    Example:
        >>> shares({"shares": {"calls": 0.3, "products": 0.5, "random": 0.001}})
        'products 50%, calls 30%'
    """
    if row is None:
        return "not watched"
    largest = sorted(row["shares"].items(), key=lambda one: -one[1])[:_MOST]
    return ", ".join(f"{KINDS[kind]} {part:.0%}" for kind, part in largest if part >= 0.005)


def main() -> None:
    """Read the numbers and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    folder = parser.parse_args().out
    (folder / "bounds.md").write_text(text(read(folder)))


def read(folder: Path) -> dict[str, Any]:
    """Return the numbers that the page is made of."""
    names = ("speed", "use", "profile")
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in names}


if __name__ == "__main__":
    main()
