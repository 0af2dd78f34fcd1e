"""The one thread that works with the model: a queue before it, and rows of many requests at once.

`model.given(c)` and the seeded generator are states of the process, so two threads on one model
would give each other's answers. One works; what needs no randomness it does for several requests
in one pass, and what draws it does alone. Long work has portions, between which other work comes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

import numpy as np
import torch
from torch import Tensor

from latentia.app.operation.base import Array, Arrays, Operation, Portions
from latentia.app.problems import Refused
from latentia.estimator.base import Estimator

__all__ = ["Batch", "Job", "Worker"]


@dataclass(eq=False)
class Job:
    """Work for one request.

    Arguments:
        operation: What is to be done.
        x: What it takes, (n, ...), of the schema's type; (0,) where it takes nothing.
        c: Conditions, (n, C), (1, C) of all rows, or None.
        asked: The operation's options.
        until: When its answer is of no use any more, in `time.monotonic`'s seconds.
        work: Its rows of work, those that it makes included.
        answer: The arrays, once they are there.
        rest: What is left to be done of it, once it is begun.
    """

    operation: Operation
    x: Array
    c: Tensor | None
    asked: Any
    until: float
    work: int
    answer: Future[Arrays] = field(default_factory=Future)
    dropped: bool = False
    rest: Portions | None = None

    def alive(self) -> bool:
        """Whether somebody waits, and the time is not over."""
        return not self.dropped and time.monotonic() < self.until

    def goes_with(self, other: Job) -> bool:
        """Whether both can be worked on in one pass."""
        same = self.operation is other.operation and (self.c is None) == (other.c is None)
        return same and self.operation.together


class Batch(NamedTuple):
    """What the worker did in one pass, for who counts it.

    Requests and rows are those that were begun in it: none, where a later portion was done.
    """

    operation: Operation
    requests: int
    rows: int
    seconds: float


@final
class Worker:
    """A thread that takes jobs in their order until it is told to stop, and then ends them all.

    A job of more portions than one stands behind all others after each of them.

    Arguments:
        model: The model; nobody else may use it.
        rows: Rows of several requests that are worked on in one pass.
        tell: Called with each `Batch` that was done, in the worker's thread.
    """

    def __init__(
        self, model: Estimator, rows: int, tell: Callable[[Batch], None] = lambda batch: None
    ) -> None:
        self.model, self._rows, self._tell = model, rows, tell
        self._jobs: deque[Job] = deque()
        self._here = threading.Condition()
        self._stopping = False
        self._since: float | None = None
        self._thread = threading.Thread(target=self._work, name="latentia-model", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Put a job at the end of the queue; whoever calls keeps the queue bounded."""
        with self._here:
            self._jobs.append(job)
            self._here.notify()

    def drop(self, job: Job) -> None:
        """Forget a job that nobody waits for: it is not begun, or not gone on with."""
        with self._here:
            job.dropped = True
            job.answer.cancel()
            if job in self._jobs:
                self._jobs.remove(job)
                _give_up(job)

    def stop(self) -> None:
        """Finish what is in the queue, and end; what is between two portions is given up."""
        with self._here:
            self._stopping = True
            self._here.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._jobs)

    @property
    def busy_for(self) -> float:
        """Seconds since the pass in hand began; 0 where there is none."""
        since = self._since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def works(self) -> bool:
        """Whether the thread is there."""
        return self._thread.is_alive()

    def _work(self) -> None:
        while jobs := self._next():
            self._since = begun = time.monotonic()
            new = [job for job in jobs if job.rest is None]
            with np.errstate(over="ignore", invalid="ignore"):  # what is no number is told as null
                self._do(jobs)
            seconds, self._since = time.monotonic() - begun, None
            rows = sum(job.work for job in new)
            self._tell(Batch(jobs[0].operation, len(new), rows, seconds))

    def _next(self) -> list[Job]:
        """Wait for a job, and take with it those behind it that go along; none at the end."""
        while True:
            with self._here:
                self._here.wait_for(lambda: self._jobs or self._stopping)
                if not self._jobs:
                    return []
                taken = self._take()
            begun = [job for job in taken if self._begin(job)]
            if begun:
                return begun

    def _begin(self, job: Job) -> bool:
        """Say whether a job is to be done, or gone on with; one that is not is told so."""
        if job.rest is None and not job.answer.set_running_or_notify_cancel():
            return False
        if job.rest is not None and (job.dropped or self._stopping):
            _give_up(job)
        elif not job.alive():
            late = "The deadline passed before its turn came."
            _give_up(job, Refused(504, late, how="Ask again, or later."))
        return not job.answer.done()

    def _take(self) -> list[Job]:
        first = self._jobs.popleft()
        taken, rows = [first], len(first.x)
        if not first.operation.together:
            return taken
        left: deque[Job] = deque()
        for job in self._jobs:
            if job.goes_with(first) and rows + len(job.x) <= self._rows:
                taken.append(job)
                rows += len(job.x)
            else:
                left.append(job)
        self._jobs = left
        return taken

    def _do(self, jobs: list[Job]) -> None:
        """Answer jobs, or do the next portion; where all fail at once, each is tried alone."""
        try:
            answers = self._together(jobs) if len(jobs) > 1 else [self._alone(jobs[0])]
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].answer.set_exception(error)
                return
            for job in jobs:
                self._do([job])
            return
        for job, answer in zip(jobs, answers, strict=True):
            if answer is None:
                self.submit(job)
            else:
                job.answer.set_result(answer)

    def _alone(self, job: Job) -> Arrays | None:
        """Do the next portion of a job; None if there are more."""
        if job.rest is None:
            model = self.model.under(job.c)
            job.rest = job.operation.portions(model, job.x, job.asked, job.alive)
        try:
            next(job.rest)
        except StopIteration as end:
            found: Arrays = end.value
            return found
        return None

    def _together(self, jobs: list[Job]) -> list[Arrays | None]:
        counts = [len(job.x) for job in jobs]
        model = self.model.under(_conditions(jobs))
        x = np.concatenate([job.x for job in jobs])
        found = jobs[0].operation.run(model, x, jobs[0].asked, lambda: True)
        ends = np.cumsum(counts)[:-1]
        # A copy of each part: a view would keep everybody's rows while one answer is sent.
        parts = {name: np.split(column, ends) for name, column in found.items()}
        return [{name: part[i].copy() for name, part in parts.items()} for i in range(len(jobs))]


def _give_up(job: Job, why: Refused | None = None) -> None:
    """End a job without an answer; should anybody wait for it all the same, they hear why."""
    if job.rest is not None:
        job.rest.close()
    if not job.answer.done():
        job.answer.set_exception(why or Refused(503, "This was given up.", how="Ask again."))


def _conditions(jobs: list[Job]) -> Tensor | None:
    """Return the conditions of all rows of some jobs, or None of a model without."""
    parts = [job.c.expand(len(job.x), -1) for job in jobs if job.c is not None]
    return torch.cat(parts) if parts else None
