"""The service on a port: bound before anything is said, and left with nothing unanswered."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import final

import uvicorn
from starlette.types import ASGIApp

from latentia.app.service import Service
from latentia.errors import MachineError, RunError, UsageError

__all__ = ["Server", "address_of", "bound", "url_of"]

_BACKLOG = 256
_CONNECTIONS = 512  # beyond which nobody is even listened to
_SLACK = 5  # seconds after the last deadline in which answers are sent
_STOPPED = 130


def address_of(host: str) -> str:
    """Return the address of a host of this machine.

    Raises:
        UsageError: if there is no such host.

    Example:
        >>> address_of("127.0.0.1")
        '127.0.0.1'
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise UsageError(
            f"There is no host called {host!r}.",
            where=f"--host {host}",
            how="Use 127.0.0.1 for this machine alone, 0.0.0.0 for all of its addresses.",
        ) from None
    return str(found[0][4][0])


def bound(address: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; port 0 is any that is free.

    Raises:
        MachineError: if the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _unavailable(error, address, port) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address under which a socket is asked."""
    address, port = listener.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


@final
class Server(uvicorn.Server):
    """uvicorn, which on a signal finishes what it has begun.

    The first signal closes the door: `/ready` says 503, new work is refused, and everything that
    is in is answered. The second ends the process at once.

    Arguments:
        service: What is served.
        app: The same as an application.
        begun: Called once requests are answered.
    """

    def __init__(self, service: Service, app: ASGIApp, begun: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                # Nobody's word is taken for where a request comes from.
                proxy_headers=False,
                limit_concurrency=_CONNECTIONS,
                timeout_graceful_shutdown=int(service.limits.deadline) + _SLACK,
            )
        )
        self._service, self._begun = service, begun
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._begun()

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until a signal ends it.

        Raises:
            RunError: if the model could not make its first pass.
        """
        with suppress(SystemExit):  # which is how uvicorn says that it did not start
            self.run([listener])
        if not self.started:
            raise RunError(
                "The model cannot decode, so nothing was served; the reason stands above.",
                how="Look at it with `latentia evaluate`, or train again.",
            )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Close the door at the first signal; leave at the second."""
        if self._loop is None or self._service.gate.draining:
            sys.stderr.write("latentia: stopped at once; what was not answered is lost\n")
            sys.stderr.flush()
            os._exit(_STOPPED)
        self._service.drain()
        self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self._leaving = asyncio.ensure_future(self._finish())

    async def _finish(self) -> None:
        await self._service.drained()
        self.should_exit = True


def _unavailable(error: OSError, host: str, port: int) -> MachineError:
    """Say why an address cannot be had."""
    where = f"--host {host} --port {port}"
    if error.errno == errno.EADDRINUSE:
        return MachineError(
            f"Port {port} is in use by another program.",
            where=where,
            how="Use another, or --port 0 for any that is free.",
        )
    if error.errno == errno.EACCES:
        return MachineError(
            f"Port {port} is not for everybody.", where=where, how="Use one from 1024 on."
        )
    return MachineError(
        f"This address cannot be listened on: {error.strerror}.",
        where=where,
        how="Use an address of this machine: 127.0.0.1, or 0.0.0.0 for all of them.",
    )
