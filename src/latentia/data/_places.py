"""Where data sets lie: the order in which a machine is searched for them."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cache", "roots"]


def cache() -> Path:
    """Return the folder for downloads: LATENTIA_CACHE, or `latentia` in the user's cache."""
    given = os.environ.get("LATENTIA_CACHE")
    if given:
        return Path(given).expanduser()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path("~/.cache").expanduser()) / "latentia"


def roots(root: str | Path | None) -> list[Path]:
    """Return the folders of data sets that the user named: an argument, then LATENTIA_DATA."""
    given = [str(root)] if root is not None else []
    given += [part for part in os.environ.get("LATENTIA_DATA", "").split(os.pathsep) if part]
    return [Path(part).expanduser() for part in given]
