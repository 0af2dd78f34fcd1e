"""The page of a run that is being trained: `Watched(live, film, description).app()`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from latentia.app.problems import Refused
from latentia.app.security import Guard
from latentia.app.service import as_problem
from latentia.explorer.feed import streamed
from latentia.explorer.film import Film
from latentia.explorer.live import Live, Wish
from latentia.explorer.page import POLICY, files_of
from latentia.explorer.plain import plain

__all__ = ["Watched"]

_BYTES = "application/octet-stream"
_WHY_NOT = {
    "what": "The model is still being trained.",
    "how": "Open it with `latentia explore RUN` once an epoch has ended.",
}


@final
class Watched:
    """What a page asks of a run that trains beside it, and the wishes that it sends.

    A wish is a POST, which a page of another site cannot send: `Guard` looks at its origin.

    Arguments:
        live: The run.
        film: Its pictures, or None.
        description: What the page is told at first.
        folder: Where the built page is; its place in the package if None.
    """

    def __init__(
        self,
        live: Live,
        film: Film | None,
        description: dict[str, Any],
        folder: Path | None = None,
    ) -> None:
        self.live, self.film, self._folder = live, film, folder
        layout = None if film is None else film.layout
        self._described = {**description, "is_training": True, "film": layout}
        self.over = False

    def app(self, address: str = "127.0.0.1") -> ASGIApp:
        """Return it as an ASGI application.

        Arguments:
            address: The address that it will listen on.
        """
        inner = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
        inner.include_router(self._router())
        inner.mount("/", files_of(self._folder))
        for kind in (Refused, HTTPException, Exception):
            inner.add_exception_handler(kind, as_problem)
        return Guard(inner, address, policy=POLICY)

    def _router(self) -> APIRouter:
        router = APIRouter(prefix="/page-data", include_in_schema=False)

        @router.get("/description")
        async def description() -> JSONResponse:
            return JSONResponse(plain(self._described))

        @router.get("/graphs")
        async def graphs() -> JSONResponse:
            return JSONResponse({"graphs": [], "why_not": _WHY_NOT})

        @router.get("/arrays")
        async def arrays() -> JSONResponse:
            return JSONResponse([])

        @router.get("/metrics")
        async def metrics() -> JSONResponse:
            return JSONResponse(plain(list(self.live.rows().rows)))

        @router.get("/live")
        async def live() -> StreamingResponse:
            return streamed(self.live, self._described["groups"], lambda: self.over)

        @router.get("/film/{name}")
        async def frame(name: str) -> Response:
            reel = None if self.film is None else self.film.reel
            found = None if reel is None else reel.named(name)
            if not found:
                raise Refused(404, "There is no such picture here.", where=name)
            return Response(found, media_type=_BYTES)

        @router.post("/wish/{what}")
        async def wish(what: Wish) -> JSONResponse:
            self.live.wish(what)
            return JSONResponse(plain(self.live.standing()))

        return router
