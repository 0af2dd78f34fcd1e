"""Runs of this package among data: their pictures are what a model made, and no data."""

from __future__ import annotations

import json
from pathlib import Path
from shlex import quote

from latentia.errors import DataError

__all__ = ["is_run", "refuse_run"]


def is_run(folder: Path) -> bool:
    """Say whether a folder is a run of this package, from its `config.json`."""
    try:
        written = json.loads((folder / "config.json").read_text(encoding="utf8"))
    except (OSError, ValueError):
        return False
    return isinstance(written, dict) and {"format_version", "latentia", "model"} <= set(written)


def refuse_run(path: Path) -> None:
    """Refuse a run, or a folder in one.

    Raises:
        DataError: saying what to do with a run.
    """
    if not path.is_dir():
        return
    folder = path.resolve()
    run = next((place for place in (folder, folder.parent) if is_run(place)), None)
    if run is not None:
        raise DataError(
            "This folder is a run, or lies in one: it holds a model and its figures, no data.",
            where=str(path),
            how=f"Give the data themselves. To measure or continue the run: "
            f"`latentia evaluate {quote(str(run))}`, "
            f"`latentia train --resume --out {quote(str(run))}`.",
        )
