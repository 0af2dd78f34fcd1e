"""The page put together with the service: `Explorer(subject).app()`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, final

from fastapi import APIRouter
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp

from latentia.app.limits import Limits
from latentia.app.problems import problem_of
from latentia.app.service import Page, Service
from latentia.errors import LatentiaError
from latentia.explorer.feed import streamed
from latentia.explorer.followed import Followed
from latentia.explorer.models import Models
from latentia.explorer.page import POLICY, files_of
from latentia.explorer.routes import routes
from latentia.explorer.shown import Shown
from latentia.explorer.still import Still
from latentia.explorer.subject import Subject
from latentia.run import Run

__all__ = ["Explorer"]


@final
class Explorer:
    """A page about one run, what it asks for under /page-data, and the service.

    The same can be asked of every model that the page shows:

        /page-data/PATH                     the run
        /page-data/at/EPOCH/PATH            an epoch of it
        /page-data/with/K/PATH              a run beside it, from 0
        /page-data/with/K/at/EPOCH/PATH     an epoch of that

    Arguments:
        subject: The run with its examples.
        limits: What the service may be asked for.
        others: Runs that are shown beside it, with the same examples.
        look: Returns the same subjects anew, for whoever asks whether their data are there by
            now; nobody can ask if None.
        folder: Where the built page is; its place in the package if None.
    """

    def __init__(
        self,
        subject: Subject,
        limits: Limits | None = None,
        *,
        others: Sequence[Subject] = (),
        look: Callable[[], Sequence[Subject]] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.subject, self._folder = subject, folder
        self._look, self._looking = look, asyncio.Lock()
        self.service = Service(subject.model, limits, name=subject.run.name)
        self._others = tuple(others)
        self.models = Models(subject, others, self.service.worker)
        self._feed = Followed(subject.run) if isinstance(subject.run, Run) else Still(subject.run)
        self.models.find().begin()

    def app(self, address: str = "127.0.0.1", names: Iterable[str] = ()) -> ASGIApp:
        """Return the whole as an ASGI application.

        Arguments:
            address: The address that it will listen on.
            names: Names by which clients may call it, beside those of loopback.
        """
        page = Page(self._router(), files_of(self._folder), POLICY)
        return self.service.app(address, names, page)

    def _router(self) -> APIRouter:
        router = APIRouter(prefix="/page-data", include_in_schema=False)
        models, service = self.models, self.service

        # Coroutines, so that one thread alone keeps and forgets models.
        async def first() -> Shown:
            return models.find()

        async def other(k: int) -> Shown:
            return models.find(k)

        async def at_epoch(epoch: int) -> Shown:
            return models.find(None, epoch)

        async def other_at_epoch(k: int, epoch: int) -> Shown:
            return models.find(k, epoch)

        router.include_router(routes(first, service))
        router.include_router(routes(at_epoch, service), prefix="/at/{epoch}")
        router.include_router(routes(other, service), prefix="/with/{k}")
        router.include_router(routes(other_at_epoch, service), prefix="/with/{k}/at/{epoch}")

        @router.get("/live")
        async def live() -> StreamingResponse:
            return streamed(self._feed, self.subject.model.groups_, self._over)

        @router.post("/look")
        async def look() -> dict[str, Any]:
            await self._look_again()
            return {"count": self.subject.count, "missing": self.subject.missing}

        return router

    async def _look_again(self) -> None:
        """Look for the data of a run that has none, which may be there by now; models stay."""
        async with self._looking:
            if self.subject.count or self._look is None:
                return
            try:
                found = await asyncio.to_thread(self._look)
            except LatentiaError as error:
                raise problem_of(error) from error
            before = (self.subject, *self._others)
            pairs = zip(found, before, strict=True)
            first, *others = (replace(new, model=old.model) for new, old in pairs)
            self.subject, self._others = first, tuple(others)
            self.models.show(first, others)
            self.models.find().begin()

    def _over(self) -> bool:
        return self.service.gate.draining
