"""How a command talks: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from math import isfinite
from typing import Any

__all__ = ["Shell"]


@dataclass(frozen=True)
class Shell:
    """The options that every command has, and its voice.

    Arguments:
        as_json: Whether the result is one JSON object.
        seed: Seed of everything random; None where it was not given.
        device: `auto`, `cpu` or `cuda`.
        quiet: Whether to say nothing but results and errors.
    """

    as_json: bool = False
    seed: int | None = None
    device: str = "auto"
    quiet: bool = False

    @property
    def seed_or_zero(self) -> int:
        """The seed; 0 where it was not given."""
        return self.seed or 0

    def say(self, text: str) -> None:
        """Tell something on the way, on standard error, unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def give(self, result: dict[str, Any], text: str) -> None:
        """Give the result on standard output: as one JSON object if asked for, else as text."""
        if self.as_json:
            print(json.dumps(_plain(result), indent=2, ensure_ascii=False))
        elif text:
            print(text)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: no NaN, which JSON has no word for."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return str(value)
