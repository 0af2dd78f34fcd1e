"""The paths by which a page asks for one model, whichever it is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from latentia.app.gate import Ticket
from latentia.app.leaving import unless_left
from latentia.app.operation.base import Array, Arrays
from latentia.app.problems import Refused, problem_of
from latentia.app.service import Service
from latentia.errors import LatentiaError
from latentia.evaluation.by_group import grouped
from latentia.explorer.contents import as_json, head, packed, told_of, untold
from latentia.explorer.description import configured
from latentia.explorer.groups import Groups, Wanted, rows_of, wanted
from latentia.explorer.halves import HALVES, as_bytes, inputs
from latentia.explorer.sheets import sheet
from latentia.explorer.shown import Shown, waited
from latentia.view import tensor_of

__all__ = ["routes"]

_BYTES = "application/octet-stream"


def routes(find: Callable[..., Awaitable[Shown]], service: Service) -> APIRouter:
    """Return what can be asked of a model: arrays as their bytes, little end first, in C order.

    Arguments:
        find: Returns the model; its arguments are read from the path.
        service: Whose limits hold for what a page sends.
    """
    router = APIRouter()
    one: Any = Depends(find)
    _add_arrays(router, one)
    _add_examples(router, one)

    @router.get("/description")
    async def description(shown: Shown = one) -> Response:
        return _json(shown.description)

    @router.get("/config")
    async def config(shown: Shown = one) -> Response:
        return _json(configured(shown.subject))

    @router.get("/metrics")
    def metrics(shown: Shown = one) -> Response:
        sizes = shown.subject.model.groups_
        return _json([grouped(row, sizes) for row in shown.subject.run.metrics()])

    @router.post("/half/{name}")
    async def half(
        name: str, request: Request, rows: int = Query(), shown: Shown = one
    ) -> Response:
        if name not in HALVES:
            raise Refused(404, "A model has an encoder, a decoder and a prior.", where=name)
        try:
            return _bytes_of(as_bytes(await _half(shown, service, name, rows, request)))
        except LatentiaError as error:
            raise problem_of(error) from error

    @router.get("/groups")
    async def groups(
        at: int,
        temperature: float = 0.0,
        seed: int = Query(0, ge=0),
        group: int | None = None,
        follow: bool = False,
        shown: Shown = one,
    ) -> Response:
        asked = Wanted(group, temperature, seed, follow)
        (place,) = shown.places(str(at))
        try:
            found = await _groups(shown, service, place, wanted(shown.subject.model, asked))
        except LatentiaError as error:
            raise problem_of(error) from error
        return _bytes_of(as_bytes(found))

    return router


def _add_arrays(router: APIRouter, one: Any) -> None:
    """Add the paths of the graphs and of the arrays over all examples."""

    @router.get("/graphs")
    async def graphs(shown: Shown = one) -> Response:
        try:
            found = await asyncio.shield(asyncio.wrap_future(shown.graphs))
        except LatentiaError as error:
            return _json(untold(error, shown.subject))
        return _json(told_of(found))

    @router.get("/graph/{name}.onnx")
    async def graph(name: str, shown: Shown = one) -> Response:
        return _bytes(_of(await waited(shown.graphs), f"{name}.onnx"))

    @router.get("/arrays")
    async def arrays(request: Request, shown: Shown = one) -> Response:
        found = await unless_left(request, shown.arrays())
        return _json([head(name, array) for name, array in found.items()])

    @router.get("/array/{name}")
    async def array(name: str, request: Request, shown: Shown = one) -> Response:
        return _bytes(_of(await unless_left(request, shown.arrays()), name))


def _add_examples(router: APIRouter, one: Any) -> None:
    """Add the paths of the examples, of their small pictures and of the film of training."""

    @router.get("/examples")
    async def examples(at: str = Query(), drawn: bool = False, shown: Shown = one) -> Response:
        places = shown.places(at)
        if drawn:
            return _bytes(await shown.drawn(places))
        subject = shown.subject
        return _bytes(subject.model.plain(subject.x[places]).cpu().numpy())

    @router.get("/film/{name}")
    async def film(name: str, shown: Shown = one) -> Response:
        reel = shown.subject.film
        found = None if reel is None else reel.named(name)
        if found is None:
            raise Refused(404, "There is no such picture here.", where=name)
        return _bytes_of(found)

    @router.get("/sheet/{number}.png")
    def small(number: int, shown: Shown = one) -> Response:
        layout = shown.subject.sheets
        if layout is None or not 0 <= number < layout["sheets"]:
            raise Refused(404, "There is no such sheet of pictures.", where=str(number))
        return Response(sheet(shown.subject, number), media_type="image/png")


async def _half(shown: Shown, service: Service, name: str, rows: int, request: Request) -> Arrays:
    """Return what half of the model gives for the rows that a page sends."""
    with service.gate.enter() as ticket:
        content = await _body(request, service.limits.size, ticket)
        x, c = inputs(name, rows, content, shown.subject.model)
        if rows > service.limits.rows:
            raise Refused(422, f"At most {service.limits.rows} rows at once.", where="rows")
        ticket.hold_rows(rows)
        until = time.monotonic() + service.limits.deadline
        given = None if c is None else tensor_of(c)
        return await waited(shown.begun(HALVES[name], x, given, until=until).answer)


async def _groups(shown: Shown, service: Service, place: int, asked: Wanted) -> Arrays:
    """Return what groups of a ladder make of an example."""
    with service.gate.enter() as ticket:
        rows = rows_of(shown.subject.model, asked)
        ticket.hold_rows(rows)
        until = time.monotonic() + service.limits.deadline
        x = shown.subject.x[place : place + 1]
        job = shown.begun(Groups(), x, asked=asked, until=until, work=rows)
        return await waited(job.answer)


async def _body(request: Request, most: int, ticket: Ticket) -> bytes:
    """Return a body that is not too large, counted among those of all requests."""
    content = bytearray()
    async for chunk in request.stream():
        if len(content) + len(chunk) > most:
            raise Refused(413, f"The body has more than {most} bytes.", how="Send fewer rows.")
        ticket.hold_bytes(len(chunk))
        content += chunk
    return bytes(content)


def _of(found: dict[str, Array], name: str) -> Array:
    if name not in found:
        raise Refused(404, "There is no such thing here.", where=name)
    return found[name]


def _json(value: Any) -> Response:
    return Response(as_json(value), media_type="application/json")


def _bytes(array: Array) -> Response:
    return _bytes_of(packed(np.asarray(array)))


def _bytes_of(content: bytes) -> Response:
    return Response(content, media_type=_BYTES)
