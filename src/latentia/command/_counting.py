"""How far a long computation has come: a line now and then, with the time left."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from latentia.shell import Shell

__all__ = ["counting"]

_FIRST = 3.0  # seconds without a word that nobody takes for a standstill


def counting(
    shell: Shell, what: str, total: int, *, clock: Callable[[], float] = monotonic
) -> Callable[[int], None]:
    """Return a function that is told how many examples are done, and says so now and then.

    The first line comes after three seconds; then each waits a tenth of the time so far, so that
    an hour does not fill the screen.

    Arguments:
        shell: Says it.
        what: What is computed.
        total: How many examples there are.
        clock: Tells the time in seconds.
    """
    began = told = clock()

    def tell(done: int) -> None:
        nonlocal told
        now = clock()
        if 0 < done < total and now - told >= max(_FIRST, 0.1 * (now - began)):
            told = now
            left = (now - began) * (total - done) / done
            shell.say(f"{what}  {done} of {total} examples, about {_duration(left)} left")

    return tell


def _duration(seconds: float) -> str:
    """Return a time in the largest unit of which there are at least two.

    Example:
        >>> [_duration(s) for s in (3.2, 200, 8000)]
        ['4 s', '4 min', '3 h']
    """
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{-int(-seconds // unit)} {name}"
    return f"{-int(-seconds // 1)} s"
