"""Presets: named sets of options, one TOML file each, with the numbers that they should give."""

from __future__ import annotations

import difflib
import tomllib
from importlib import resources
from typing import Any

from latentia.errors import UsageError

__all__ = ["describe", "load", "names"]


def names() -> list[str]:
    """Return the names of the presets.

    Example:
        >>> "tensorflow-mnist-vae" in names()
        True
    """
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def describe(name: str) -> str:
    """Return what a preset is, in one sentence."""
    return str(_read(name)["description"])


def load(name: str) -> dict[str, Any]:
    """Return a preset's options.

    Raises:
        UsageError: if there is no such preset.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"There is no preset called {name!r}.",
            where=f"--preset {name}",
            how=f"{hint}There are: {', '.join(names())}.",
        )
    written = _read(name)
    written.pop("description")
    return {key.replace("-", "_"): value for key, value in written.items()}


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf8")
    return tomllib.loads(text)
