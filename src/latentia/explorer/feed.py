"""What a page is told of a run as it goes on: rows of metrics, and where it stands."""

from __future__ import annotations

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, NamedTuple

from starlette.responses import StreamingResponse

from latentia.evaluation.by_group import grouped
from latentia.explorer.plain import plain
from latentia.training.observer import Row

__all__ = ["Feed", "Rows", "events", "streamed", "told"]

# Seconds between looks, and between signs of life: a page that has left shows in the next.
_APART, _SILENCE = 0.25, 10.0


class Rows(NamedTuple):
    """The rows of a run so far.

    Arguments:
        life: Another number where earlier rows are no longer true: the run has begun again.
        rows: All of them.
    """

    life: int
    rows: Sequence[Row]


class Feed(ABC):
    """A run that may go on: asked by the server's thread, and never waiting for the training."""

    @abstractmethod
    def rows(self) -> Rows:
        """Return the rows of metrics so far."""

    @abstractmethod
    def standing(self) -> dict[str, Any]:
        """Return where the run stands, as JSON can say it: at least `state`."""


def told(row: Row, sizes: Sequence[int]) -> Row:
    """Return a row as a page needs it: the KL by group of a ladder, by latent of other models.

    By latent, it is told of validation data alone.

    Arguments:
        row: A row of metrics.
        sizes: Latents of each group.

    Example:
        >>> told({"split": "train", "kl": 3.0, "kl_per_dim": [1.0, 2.0]}, ())
        {'split': 'train', 'kl': 3.0, 'kl_per_dim': None}
    """
    if sizes:
        return grouped(row, sizes, most=0)
    return {**row, "kl_per_dim": None} if row.get("split") == "train" else row


async def events(feed: Feed, sizes: Sequence[int], over: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield what is new as Server-Sent Events, until it is over.

    Each is a JSON object with `rows` (all of them and `whole`, or those that are new) and
    `standing`, if it has changed; the last has `over`.

    Arguments:
        feed: The run.
        sizes: Latents of each group of a ladder.
        over: Whether the server ends.
    """
    life, seen, before = -1, 0, ""
    spoke = time.monotonic()
    while True:
        last = over()
        found = await asyncio.to_thread(feed.rows)
        whole = found.life != life
        fresh = found.rows[0 if whole else seen :]
        standing = feed.standing()
        said: dict[str, Any] = {"whole": True} if whole else {}
        if whole or fresh:
            said["rows"] = [told(row, sizes) for row in fresh]
        life, seen = found.life, len(found.rows)
        now = json.dumps(plain(standing))
        if now != before:
            said["standing"], before = standing, now
        if last:
            said["over"] = True
        if said:
            yield f"data: {json.dumps(plain(said))}\n\n"
            spoke = time.monotonic()
        elif time.monotonic() - spoke > _SILENCE:
            yield ": \n\n"
            spoke = time.monotonic()
        if last:
            return
        await asyncio.sleep(_APART)


def streamed(feed: Feed, sizes: Sequence[int], over: Callable[[], bool]) -> StreamingResponse:
    """Return `events` as the answer to a request."""
    return StreamingResponse(events(feed, sizes, over), media_type="text/event-stream")
