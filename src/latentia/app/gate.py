"""Who may come in: a bounded number of requests, bytes and rows, and nobody once it closes."""

from __future__ import annotations

from math import ceil
from types import TracebackType
from typing import Self, final

from latentia.app.limits import Limits
from latentia.app.problems import Refused

__all__ = ["Gate", "Ticket"]

_LONGEST = 60  # seconds that anybody is asked to stay away
_WEIGHT = 0.1  # of the latest request in the mean of all


@final
class Gate:
    """Counts what is in the house, and turns away what would be too much.

    It belongs to the event loop, so nothing here is locked. Whoever is in will be answered;
    whoever is not is told so before its body is read.

    Arguments:
        limits: How much may be in.

    Example:
        >>> gate = Gate(Limits(requests=1))
        >>> with gate.enter():
        ...     gate.full
        True
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.requests = self.rows = self.size = 0
        self.draining = False
        self._seconds = 0.1  # of work for one request, a running mean

    @property
    def full(self) -> bool:
        """Whether the next request would be turned away."""
        return self.requests >= self.limits.requests

    @property
    def retry_after(self) -> int:
        """Seconds after which, at the pace of the last requests, all that is in is answered."""
        return min(_LONGEST, max(1, ceil(self._seconds * self.requests)))

    def took(self, seconds: float) -> None:
        """Learn how many seconds of work a request took."""
        self._seconds += _WEIGHT * (seconds - self._seconds)

    def enter(self) -> Ticket:
        """Let a request in.

        Returns:
            Its ticket, a context; what it holds is given back at the end.

        Raises:
            Refused: 503 while the service stops, 429 where it is full.
        """
        if self.draining:
            how = "Ask again: another may serve in its place."
            raise Refused(
                503,
                "The service is stopping and takes no new work.",
                how=how,
                headers={"Retry-After": "5", "Connection": "close"},
            )
        if self.full:
            raise self.refusal(f"{self.requests} requests are being worked on, the most at once.")
        return Ticket(self)

    def refusal(self, what: str) -> Refused:
        """Return a 429 that says when to come again."""
        after = self.retry_after
        return Refused(
            429, what, how=f"Ask again in {after} s.", headers={"Retry-After": str(after)}
        )


@final
class Ticket:
    """What one request holds of the gate's limits while it is in."""

    def __init__(self, gate: Gate) -> None:
        self._gate, self._rows, self._size = gate, 0, 0
        gate.requests += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate.requests -= 1
        self._gate.rows -= self._rows
        self._gate.size -= self._size

    def hold_bytes(self, count: int) -> None:
        """Hold more bytes of a body.

        Raises:
            Refused: 429 where all bodies together would be too large.
        """
        gate = self._gate
        if gate.size + count > gate.limits.size_together:
            most = gate.limits.size_together
            raise gate.refusal(f"{gate.size} bytes of at most {most} are waiting already.")
        gate.size += count
        self._size += count

    def hold_rows(self, count: int) -> None:
        """Hold rows of work.

        Raises:
            Refused: 429 where all work together would be too much.
        """
        gate = self._gate
        if gate.rows + count > gate.limits.rows_together:
            most = gate.limits.rows_together
            raise gate.refusal(
                f"{gate.rows} rows of at most {most} of all requests are being worked on already."
            )
        gate.rows += count
        self._rows += count
