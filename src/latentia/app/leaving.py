"""A client that leaves before it is answered: nobody works on for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from latentia.app.problems import Refused

__all__ = ["left", "unless_left"]

T = TypeVar("T")


async def left(request: Request) -> None:
    """Wait until the client has left; its body has been read, or is not wanted."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what comes of work; where the client leaves before, cancel it.

    Arguments:
        request: Who waits.
        work: What is waited for.

    Raises:
        Refused: to nobody, if the client has left.
    """
    found = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(left(request))
    try:
        await asyncio.wait((found, gone), return_when=asyncio.FIRST_COMPLETED)
        if found.done():
            return found.result()
        raise Refused(503, "The client has left.")
    finally:
        found.cancel()
        gone.cancel()
