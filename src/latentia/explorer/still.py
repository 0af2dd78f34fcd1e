"""A model in memory: its metrics are there, and no more will come."""

from __future__ import annotations

from typing import Any, final

from latentia.explorer.feed import Feed, Rows
from latentia.explorer.subject import Kept

__all__ = ["Still"]


@final
class Still(Feed):
    """The metrics of what nobody trains any more.

    Arguments:
        run: What keeps them.
    """

    def __init__(self, run: Kept) -> None:
        self._run = run

    def rows(self) -> Rows:
        """Return all of them."""
        return Rows(0, self._run.metrics())

    def standing(self) -> dict[str, Any]:
        """Return `state`, which stays."""
        return {"state": "over"}
