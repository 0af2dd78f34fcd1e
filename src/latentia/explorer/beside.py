"""A server in a thread of its own, beside work that it must not disturb."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import final

import uvicorn
from starlette.types import ASGIApp

__all__ = ["Beside"]

_PATIENCE = 2  # seconds in which the last answers are sent


@final
class Beside:
    """Serves an application until it is told to stop, and takes no signals: they are the work's.

    Arguments:
        app: What is served.
        listener: The socket that listens.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=64,
            timeout_graceful_shutdown=_PATIENCE,
        )
        self._server, self._listener = uvicorn.Server(config), listener
        self._thread = threading.Thread(target=self._serve, name="latentia-page", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self) -> None:
        """End it; answers that are under way are sent first, if that is soon."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(2 * _PATIENCE)
        self._listener.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve([self._listener]))
