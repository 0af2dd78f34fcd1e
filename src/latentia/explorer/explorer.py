"""The page put together with the service: `Explorer(subject).app()`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, final

import numpy as np
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from latentia.app.gate import Ticket
from latentia.app.limits import Limits
from latentia.app.operation.base import Array, Arrays, Operation
from latentia.app.problems import Refused, problem_of
from latentia.app.service import Page, Service
from latentia.app.worker import Job
from latentia.errors import LatentiaError
from latentia.evaluation.by_group import grouped
from latentia.explorer.contents import DRAWS, as_json, beside, head, packed, told_of, untold
from latentia.explorer.description import described
from latentia.explorer.feed import streamed
from latentia.explorer.followed import Followed
from latentia.explorer.groups import Groups, Wanted, rows_of, wanted
from latentia.explorer.halves import HALVES, as_bytes, inputs
from latentia.explorer.page import POLICY, files_of
from latentia.explorer.sheets import sheet
from latentia.explorer.still import Still
from latentia.explorer.subject import Subject
from latentia.explorer.work import Drawn, Encoded, Graphs, PriorDraws
from latentia.run import Run
from latentia.view import tensor_of

__all__ = ["Explorer"]

_FOREVER = float("inf")
_AT_ONCE = 1000  # examples of one request
_BYTES = "application/octet-stream"


@final
class Explorer:
    """A page about one run, the arrays that it asks for under /page-data, and the service.

    Graphs and arrays are made once, by the thread that has the model, and kept; whoever asks
    earlier waits. Arrays are answered as their bytes, little end first, in C order.

    Arguments:
        subject: The run with its examples.
        limits: What the service may be asked for.
        folder: Where the built page is; its place in the package if None.
    """

    def __init__(
        self, subject: Subject, limits: Limits | None = None, *, folder: Path | None = None
    ) -> None:
        self.subject, self._folder = subject, folder
        self.service = Service(subject.model, limits, name=subject.run.name)
        self._described = described(subject)
        run = subject.run
        self._feed = Followed(run) if isinstance(run, Run) else Still(run)
        self._graphs = self._begun(Graphs(), np.empty(0, np.float32))
        self._prior = self._begun(PriorDraws(), np.empty(0, np.float32), DRAWS)
        self._encoded = self._begun(Encoded(), subject.x) if subject.count else None

    def app(self, address: str = "127.0.0.1", names: Iterable[str] = ()) -> ASGIApp:
        """Return the whole as an ASGI application.

        Arguments:
            address: The address that it will listen on.
            names: Names by which clients may call it, beside those of loopback.
        """
        page = Page(self._router(), files_of(self._folder), POLICY)
        return self.service.app(address, names, page)

    def _begun(self, operation: Operation, x: Array, asked: Any = None) -> Future[Arrays]:
        """Let the model's thread begin with something, and return what will come of it."""
        c = None
        if isinstance(operation, Encoded) and self.subject.c is not None:
            c = tensor_of(np.asarray(self.subject.c, np.float32))
        job = Job(operation, x, c, asked, _FOREVER, len(x))
        self.service.worker.submit(job)
        return job.answer

    def _router(self) -> APIRouter:
        router = APIRouter(prefix="/page-data", include_in_schema=False)

        @router.get("/description")
        async def description() -> Response:
            return _json(self._described)

        @router.get("/graphs")
        async def graphs() -> Response:
            try:
                found = await asyncio.shield(asyncio.wrap_future(self._graphs))
            except LatentiaError as error:
                return _json(untold(error, self.subject))
            return _json(told_of(found))

        @router.get("/graph/{name}.onnx")
        async def graph(name: str) -> Response:
            found = await _waited(self._graphs)
            return _bytes(_of(found, f"{name}.onnx"))

        @router.get("/arrays")
        async def arrays() -> Response:
            return _json([head(name, array) for name, array in (await self._arrays()).items()])

        @router.get("/array/{name}")
        async def array(name: str) -> Response:
            return _bytes(_of(await self._arrays(), name))

        @router.get("/examples")
        async def examples(at: str = Query(), drawn: bool = False) -> Response:
            places = self._places(at)
            if drawn:
                found = await _waited(self._begun(Drawn(), self.subject.x, places))
                return _bytes(np.asarray(found["x"], np.float32))
            return _bytes(self.subject.model.plain(self.subject.x[places]).cpu().numpy())

        @router.get("/sheet/{number}.png")
        def small(number: int) -> Response:
            layout = self.subject.sheets
            if layout is None or not 0 <= number < layout["sheets"]:
                raise Refused(404, "There is no such sheet of pictures.", where=str(number))
            return Response(sheet(self.subject, number), media_type="image/png")

        @router.get("/metrics")
        def metrics() -> Response:
            sizes = self.subject.model.groups_
            return _json([grouped(row, sizes) for row in self.subject.run.metrics()])

        @router.get("/live")
        async def live() -> StreamingResponse:
            return streamed(self._feed, self.subject.model.groups_, self._over)

        @router.post("/half/{name}")
        async def half(name: str, request: Request, rows: int = Query()) -> Response:
            if name not in HALVES:
                raise Refused(404, "A model has an encoder, a decoder and a prior.", where=name)
            try:
                return _bytes_of(as_bytes(await self._half(name, rows, request)))
            except LatentiaError as error:
                raise problem_of(error) from error

        @router.get("/groups")
        async def groups(
            at: int,
            temperature: float = 0.0,
            seed: int = Query(0, ge=0),
            group: int | None = None,
            follow: bool = False,
        ) -> Response:
            asked = Wanted(group, temperature, seed, follow)
            (place,) = self._places(str(at))
            try:
                found = await self._groups(place, wanted(self.subject.model, asked))
            except LatentiaError as error:
                raise problem_of(error) from error
            return _bytes_of(as_bytes(found))

        return router

    def _over(self) -> bool:
        return self.service.gate.draining

    async def _half(self, name: str, rows: int, request: Request) -> Arrays:
        """Return what half of the model gives for the rows that a page sends."""
        service = self.service
        with service.gate.enter() as ticket:
            content = await _body(request, service.limits.size, ticket)
            x, c = inputs(name, rows, content, self.subject.model)
            if rows > service.limits.rows:
                raise Refused(422, f"At most {service.limits.rows} rows at once.", where="rows")
            ticket.hold_rows(rows)
            until = time.monotonic() + service.limits.deadline
            job = Job(HALVES[name], x, None if c is None else tensor_of(c), None, until, rows)
            service.worker.submit(job)
            return await _waited(job.answer)

    async def _groups(self, place: int, asked: Wanted) -> Arrays:
        """Return what groups of a ladder make of an example."""
        service = self.service
        with service.gate.enter() as ticket:
            rows = rows_of(self.subject.model, asked)
            ticket.hold_rows(rows)
            until = time.monotonic() + service.limits.deadline
            job = Job(Groups(), self.subject.x[place : place + 1], None, asked, until, rows)
            service.worker.submit(job)
            return await _waited(job.answer)

    async def _arrays(self) -> dict[str, Array]:
        """Return everything that is known of every example, by name."""
        subject = self.subject
        found = dict(await _waited(self._prior))
        if self._encoded is None:
            return found
        return {**found, **await _waited(self._encoded), **beside(subject)}

    def _places(self, at: str) -> list[int]:
        """Return the places of examples that a request names.

        Raises:
            Refused: 422 if they are no places, 404 if there are no such examples.
        """
        try:
            places = [int(part) for part in at.split(",")]
        except ValueError:
            raise Refused(422, "Places are whole numbers between commas.", where="at") from None
        if len(places) > _AT_ONCE:
            raise Refused(422, f"At most {_AT_ONCE} examples at once.", where="at")
        if not all(0 <= place < self.subject.count for place in places):
            raise Refused(404, f"There are {self.subject.count} examples here.", where="at")
        return places


async def _waited(answer: Future[Arrays]) -> Arrays:
    """Return an answer once it is there; whoever leaves does not end the work of the others.

    Raises:
        Refused: where there will be none, saying why.
    """
    try:
        return await asyncio.shield(asyncio.wrap_future(answer))
    except LatentiaError as error:
        raise problem_of(error) from error


def _of(found: dict[str, Array], name: str) -> Array:
    if name not in found:
        raise Refused(404, "There is no such thing here.", where=name)
    return found[name]


async def _body(request: Request, most: int, ticket: Ticket) -> bytes:
    """Return a body that is not too large, counted among those of all requests."""
    content = bytearray()
    async for chunk in request.stream():
        if len(content) + len(chunk) > most:
            raise Refused(413, f"The body has more than {most} bytes.", how="Send fewer rows.")
        ticket.hold_bytes(len(chunk))
        content += chunk
    return bytes(content)


def _json(value: Any) -> Response:
    return Response(as_json(value), media_type="application/json")


def _bytes(array: Array) -> Response:
    return _bytes_of(packed(array))


def _bytes_of(content: bytes) -> Response:
    return Response(content, media_type=_BYTES)
