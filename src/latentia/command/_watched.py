"""The page beside a training: opened, told, and closed; nothing of it may harm the run."""

from __future__ import annotations

import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from latentia.app.required import require_packages, require_port
from latentia.errors import MachineError, RunError, UsageError
from latentia.run import Run
from latentia.session import Session
from latentia.shell import Shell
from latentia.training.observer import Observer

if TYPE_CHECKING:
    import socket

    from latentia.explorer.beside import Beside
    from latentia.explorer.film import Film
    from latentia.explorer.watched import Watched

__all__ = ["Watch", "require_watchable", "watched"]


class _Page(NamedTuple):
    """A page that is served."""

    watched: Watched
    server: Beside
    url: str


class Watch(NamedTuple):
    """How a run is to be watched.

    Arguments:
        watch: Whether it is.
        port: The port that is wished for; any that is free if it is not.
        no_browser: Whether to open nothing.
        stay: Whether the page stays once training is over.
    """

    watch: bool = False
    port: int | None = None
    no_browser: bool = False
    stay: bool = False


def require_watchable(wanted: Watch) -> None:
    """Refuse, before anything is written, what cannot be watched.

    Raises:
        UsageError: for an option that would do nothing.
        MachineError: if packages or the page are missing.
    """
    if not wanted.watch:
        flags = {"--port": wanted.port is not None, "--no-browser": wanted.no_browser}
        for flag, given in (flags | {"--stay": wanted.stay}).items():
            if given:
                raise UsageError(
                    f"{flag} does nothing without --watch.", where=flag, how="Add --watch."
                )
        return
    require_port(wanted.port or 0)
    require_packages("serve", "latentia train --watch", "A page beside the training")
    from latentia.explorer.page import require_page

    require_page()


@contextmanager
def watched(
    shell: Shell, run: Run, session: Session, observer: Observer, wanted: Watch
) -> Iterator[Observer]:
    """Open the page of a run, and close it with the run; without --watch, do nothing.

    Arguments:
        shell: Who is told where it is.
        run: The run's folder.
        session: What is trained.
        observer: Who is told of the run as well.
        wanted: How it is to be watched.
    """
    if not wanted.watch:
        yield observer
        return
    from latentia.explorer.watching import Watching

    try:
        page = _opened(shell, run, session, wanted)
    except Exception as error:  # whatever it is, the run can do without
        shell.say(f"warning   training goes on without its page: {error}")
        page = None
    if page is None:
        yield observer
        return
    live = page.watched.live
    try:
        yield Watching(observer, live, page.watched.film, lambda reel: reel.write(run.film))
        if wanted.stay:
            _stay(shell, page.url)
    except BaseException as error:
        live.end(str(error))
        raise
    finally:
        live.end()
        page.watched.over = True
        time.sleep(_LAST)  # in which every page hears of the end
        page.server.stop()


def _opened(shell: Shell, run: Run, session: Session, wanted: Watch) -> _Page | None:
    """Serve the page and say where; None where there is no port for it."""
    from latentia.app.server import url_of
    from latentia.explorer.beside import Beside
    from latentia.explorer.live import Live
    from latentia.explorer.watched import Watched

    live = Live(len(session.task.train), run.metrics() if run.begun else [])
    film, described = _shown(run, session)
    _go_on(shell, run, film)
    watched = Watched(live, film, described)
    listener = _listening(shell, 8001 if wanted.port is None else wanted.port)
    if listener is None:
        return None
    url, server = url_of(listener), Beside(watched.app(), listener)
    server.start()
    shell.say(f"watch     {url}")
    if not wanted.no_browser:
        # A browser within the terminal would not come back.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    return _Page(watched, server, url)


# A little more than the time between two looks of what is sent to a page.
_LAST = 0.4


def _listening(shell: Shell, port: int) -> socket.socket | None:
    """Return a socket that listens on the port, or on another; None where none can be had."""
    from latentia.app.server import bound

    for tried in (port, 0):
        try:
            return bound("127.0.0.1", tried)
        except MachineError as error:
            then = "the page takes another" if tried else "training goes on without its page"
            shell.say(f"warning   {error.what} So {then}.")
    return None


def _shown(run: Run, session: Session) -> tuple[Film, dict[str, object]]:
    """Return the film of a session's validation examples, and what the page is told of the run."""
    from latentia.estimator._load import estimator_of
    from latentia.explorer.description import described
    from latentia.explorer.film import COUNT, Film
    from latentia.explorer.subject import Subject

    config, task = session.config, session.task
    model = estimator_of(config).adopt(config, task.model, [])
    examples = task.validation
    rows = examples.index[:COUNT]
    x = model.schema_.from_model(examples.stored[rows].cpu().numpy())
    c = None
    # A class that is a latent is found from x, as it is where nobody gives it.
    if examples.c is not None and task.model.labels is None:
        c = examples.c.expand(len(examples.stored), -1)[rows].cpu().numpy()
    empty = np.empty((0, *model.schema_.shape), np.float32)
    why = "The run is still being trained."
    described_ = described(Subject(run=run, model=model, x=empty, missing=why))
    picture = described(Subject(run=run, model=model, x=x))["picture"]
    return Film(model, x, c), {**described_, "picture": picture}


def _go_on(shell: Shell, run: Run, film: Film) -> None:
    """Let a film go on where that of the folder ends."""
    from latentia.explorer.reel import Reel

    try:
        earlier = Reel.read(run.film, film.schema)
    except RunError as error:
        shell.say(f"warning   {error.what} It begins anew.")
        return
    if earlier is not None:
        film.go_on(earlier)


def _stay(shell: Shell, url: str) -> None:
    """Keep the page until Ctrl-C."""
    shell.say(f"stay      {url} shows this until Ctrl-C")
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)
