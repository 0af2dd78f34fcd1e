"""One operation over HTTP: in by the gate, through the queue, out by the deadline."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, final

from starlette.requests import Request
from starlette.responses import Response

from latentia.app.answers import answer, kinds_of, wanted
from latentia.app.asking import Asked, asked_for
from latentia.app.bodies import Body, received
from latentia.app.gate import Gate, Ticket
from latentia.app.leaving import left
from latentia.app.metrics import Metrics
from latentia.app.operation.base import Arrays, Operation
from latentia.app.problems import Refused, problem_of
from latentia.app.worker import Job, Worker

__all__ = ["DEADLINE", "SHORTEST", "Endpoint", "House"]

DEADLINE = "X-Deadline"
SHORTEST = 1  # second that a client waits at least
_GONE = 499  # what nginx calls a client that left; nobody reads it but our own metrics
_log = logging.getLogger("latentia.app")
T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """What all endpoints share.

    Arguments:
        gate: Who may come in.
        worker: The thread that has the model.
        hands: Threads that read bodies and write answers, beside the event loop.
        metrics: What is counted.
    """

    gate: Gate
    worker: Worker
    hands: ThreadPoolExecutor
    metrics: Metrics


@final
class Endpoint:
    """`POST /v1/NAME`.

    The event loop only waits here: bodies are parsed and answers written by other threads, and
    the model belongs to the worker.

    Arguments:
        name: The operation's name.
        operation: What is done.
        house: What all endpoints share.
    """

    def __init__(self, name: str, operation: Operation, house: House) -> None:
        self.name, self.operation, self._house = name, operation, house
        self.model = house.worker.model
        self.kinds = kinds_of(operation, self.model.schema_)

    async def respond(self, request: Request) -> Response:
        """Answer a request, whatever becomes of it."""
        begun = time.monotonic()
        try:
            response = await self._answer(request, begun)
        except Exception as error:
            refused = problem_of(error)
            if refused.status == 500:
                _log.exception("request to %s failed", self.name)
            response = refused.response()
        self._house.metrics.answered(self.name, response.status_code, time.monotonic() - begun)
        return response

    async def _answer(self, request: Request, begun: float) -> Response:
        until = begun + self._patience(request)
        with self._house.gate.enter() as ticket:
            kind = wanted(",".join(request.headers.getlist("accept")), self.kinds)
            body = await self._read(request, ticket, until)
            gate, query = self._house.gate, request.query_params
            asked: Asked = await self._by_hand(
                lambda: asked_for(self.operation, self.model, gate.limits, body, query, until)
            )
            ticket.hold_rows(asked.job.work)
            found = await self._worked_out(request, asked.job)
            if found is None:
                return Response(status_code=_GONE)
            return await self._by_hand(lambda: self._written(found, asked, kind))

    def _patience(self, request: Request) -> float:
        """Return the seconds that a client waits; never more than the service's own."""
        longest, given = self._house.gate.limits.deadline, request.headers.get(DEADLINE)
        if given is None:
            return longest
        try:
            seconds = float(given)
        except ValueError:
            seconds = 0.0
        if not SHORTEST <= seconds < float("inf"):
            raise Refused(
                422,
                f"A deadline is a number of seconds, at least {SHORTEST}.",
                where=DEADLINE,
                how=f"Leave it out for {longest:g} s.",
            )
        return min(longest, seconds)

    async def _read(self, request: Request, ticket: Ticket, until: float) -> Body:
        limits = self._house.gate.limits
        try:
            async with asyncio.timeout(until - time.monotonic()):
                return await received(request.headers, request.stream(), limits, ticket)
        except TimeoutError:
            raise Refused(
                408,
                "The body did not come in time.",
                how="Send it faster, or fewer rows at a time.",
                headers={"Connection": "close"},
            ) from None

    async def _by_hand(self, work: Callable[[], T]) -> T:
        """Do something that takes time, beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._house.hands, work)

    async def _worked_out(self, request: Request, job: Job) -> Arrays | None:
        """Return what the worker finds; None where the client has left.

        Raises:
            Refused: 504 where the deadline passes.
        """
        worker = self._house.worker
        worker.submit(job)
        found = asyncio.wrap_future(job.answer)
        gone = asyncio.ensure_future(left(request))
        try:
            rest = max(0.0, job.until - time.monotonic())
            waited: set[asyncio.Future[Any]] = {found, gone}
            done, _ = await asyncio.wait(waited, timeout=rest, return_when=asyncio.FIRST_COMPLETED)
            if found in done:
                return found.result()
            if gone in done:
                return None
            raise Refused(
                504,
                "The deadline passed before there was an answer.",
                how=f"Ask for less, or wait longer (the header {DEADLINE}, in seconds).",
            )
        finally:
            gone.cancel()
            if not found.done():
                worker.drop(job)
                found.cancel()

    def _written(self, found: Arrays, asked: Asked, kind: str) -> Response:
        told = self.operation.told(found, asked.job.asked, self.model)
        if self.operation.takes == "examples":
            told["notes"] = [*asked.notes, *told.get("notes", [])]
        return answer(self.operation, found, told, kind, self.model.schema_)
