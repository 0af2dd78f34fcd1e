"""One model as a page asks for it: what is known of it is made when it is first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cached_property
from typing import Any, final

import numpy as np
from torch import Tensor

from latentia.app.operation.base import Array, Arrays, Operation
from latentia.app.problems import Refused, problem_of
from latentia.app.worker import Job, Worker
from latentia.errors import LatentiaError
from latentia.estimator._load import load
from latentia.estimator.base import Estimator
from latentia.explorer.contents import DRAWS, beside
from latentia.explorer.description import described
from latentia.explorer.subject import Subject
from latentia.explorer.work import Drawn, Encoded, Graphs, Of, PriorDraws
from latentia.view import tensor_of

__all__ = ["Shown", "waited"]

_FOREVER = float("inf")
_AT_ONCE = 1000  # examples of one request
_NOTHING: Array = np.empty(0, np.float32)


@final
class Shown:
    """A run's model, or that of one of its epochs, with what a page asks of it.

    Graphs and arrays are made once, by the worker's thread, and kept; whoever asks earlier waits.
    Arrays of an epoch are given up where all who waited have left: it was scrubbed past.

    Arguments:
        subject: The run with its examples.
        worker: The thread that works with every model.
        epoch: The epoch whose weights it has; None of the run's own.
        others: The runs that the page shows beside it.
    """

    def __init__(
        self,
        subject: Subject,
        worker: Worker,
        epoch: int | None = None,
        others: Sequence[Subject] = (),
    ) -> None:
        self.subject, self._worker, self._epoch = subject, worker, epoch
        self.description = described(subject, others, epoch)
        self._waiting = 0

    @cached_property
    def model(self) -> Estimator:
        """The model; weights of an epoch are read by whoever asks first, which is the thread."""
        if self._epoch is None:
            return self.subject.model
        device = next(self.subject.model.model_.parameters()).device.type
        return load(str(self.subject.run.path), device, epoch=self._epoch)

    @cached_property
    def graphs(self) -> Future[Arrays]:
        """The bytes of its graphs (see `Graphs`)."""
        return self.begun(Graphs(), _NOTHING).answer

    @cached_property
    def _arrays(self) -> tuple[Job, ...]:
        """Draws of the prior and, where there are examples, what they are encoded to."""
        prior = self.begun(PriorDraws(), _NOTHING, asked=DRAWS)
        if not self.subject.count:
            return (prior,)
        c = self.subject.c
        given = None if c is None else tensor_of(np.asarray(c, np.float32))
        return prior, self.begun(Encoded(), self.subject.x, given)

    def begin(self) -> tuple[Future[Arrays], ...]:
        """Begin with everything that is kept, and return what will come of it."""
        return self.graphs, *(job.answer for job in self._arrays)

    def begun(
        self,
        operation: Operation,
        x: Array,
        c: Tensor | None = None,
        *,
        asked: Any = None,
        until: float = _FOREVER,
        work: int | None = None,
    ) -> Job:
        """Give the thread something to do, and return the job, which will have an answer.

        Arguments:
            operation: What is done with the model.
            x: What it takes.
            c: Under which conditions.
            asked: Its options.
            until: When its answer is of no use any more, in `time.monotonic`'s seconds.
            work: Rows of work; those of x if None.
        """
        if work is None:
            work = len(x)
        job = Job(Of(lambda: self.model, operation), x, c, asked, until, work)
        self._worker.submit(job)
        return job

    async def arrays(self) -> Arrays:
        """Return everything that is known of every example, by name."""
        found: Arrays = {}
        self._waiting += 1
        try:
            for one in self._arrays:
                found |= await waited(one.answer)
        finally:
            self._waiting -= 1
            self._give_up()
        return {**found, **beside(self.subject)} if self.subject.count else found

    def _give_up(self) -> None:
        """Let arrays go that failed, and those of an epoch that nobody waits for any more."""
        if self._waiting:
            return
        answers = [one.answer for one in self._arrays]
        failed = any(each.done() and (each.cancelled() or each.exception()) for each in answers)
        if not failed and (self._epoch is None or all(each.done() for each in answers)):
            return
        for one in self._arrays:
            self._worker.drop(one)
        del self._arrays  # whoever asks again begins anew

    async def drawn(self, places: list[int]) -> Array:
        """Return the examples of some places as the ELBO's numbers are about them."""
        found = await waited(self.begun(Drawn(), self.subject.x, asked=places).answer)
        return np.asarray(found["x"], np.float32)

    def places(self, at: str) -> list[int]:
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


async def waited(answer: Future[Arrays]) -> Arrays:
    """Return an answer once it is there; whoever leaves does not end the work of the others.

    Raises:
        Refused: where there will be none, saying why.
    """
    found = asyncio.wrap_future(answer)
    # Who has left hears nothing of what became of it, and nobody else need be told of that.
    found.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        return await asyncio.shield(found)
    except LatentiaError as error:
        raise problem_of(error) from error
