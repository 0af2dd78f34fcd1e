"""Signals that stop a run: noted, and obeyed once the step under way is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Interrupted", "noted"]

# What a second signal does where the first one's handler was none of its own.
_AT_ONCE: dict[int, Any] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
# The terminal was closed; a system without terminals of this kind has no such signal.
if hasattr(signal, "SIGHUP"):
    _AT_ONCE[signal.SIGHUP] = signal.SIG_DFL


class Interrupted(KeyboardInterrupt):
    """Training was stopped from outside; a checkpoint was kept.

    As a `KeyboardInterrupt` it passes through the `except Exception` of a grid search.

    Arguments:
        exit_code: 130 after Ctrl-C, 143 after a termination signal, 129 after a hang-up.
    """

    def __init__(self, exit_code: int) -> None:
        super().__init__("interrupted")
        self.exit_code = exit_code


@contextmanager
def noted() -> Iterator[list[int]]:
    """Collect Ctrl-C, termination and hang-up signals, so that a step is never cut in half.

    A second signal is not collected but acts at once.
    """
    received: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def note(number: int, frame: object) -> None:
        received.append(number)
        ignored = before[number] is signal.SIG_IGN  # as in a job started in the background
        signal.signal(number, _AT_ONCE[number] if ignored else before[number])

    before: dict[int, Any] = {n: signal.getsignal(n) for n in _AT_ONCE if _is_heard(n)}
    for number in before:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_heard(number: int) -> bool:
    """Say whether a signal concerns this process: under nohup, a hang-up does not."""
    hang_up = number not in (signal.SIGINT, signal.SIGTERM)
    return not (hang_up and signal.getsignal(number) is signal.SIG_IGN)
