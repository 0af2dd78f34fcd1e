"""Serve a trained model over HTTP: JSON, arrays and images."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from latentia.app.required import require_packages, require_port
from latentia.shell import Shell

__all__ = ["serve"]


def serve(
    shell: Shell,
    run: Path,
    *,
    port: int = 8000,
    host: str = "127.0.0.1",
    token: str | None = None,
    names: str | None = None,
    deadline: float = 30.0,
    max_requests: int = 64,
    max_rows: int = 1000,
    max_bytes: int = 8 * 2**20,
    max_pixels: int = 16_000_000,
) -> None:
    """Serve RUN over HTTP until it is stopped: encode, decode, sample, reconstruct, score, ...

    /openapi.json describes what can be asked, `latentia.client.Client` asks from Python. What is
    too much is refused at once (429, with Retry-After); at a signal to stop (SIGTERM, Ctrl-C)
    everything that was accepted is answered first. Only this machine can reach it, unless --host
    says otherwise; encryption is left to a proxy before it.

    Arguments:
        port: Port; 0 takes any that is free.
        host: Address to listen on; any but this machine's own needs a token.
        token: What clients must send as `Authorization: Bearer TOKEN` (or LATENTIA_TOKEN, which
            other users of this machine cannot see).
        names: More names by which clients may call it, between commas, such as a proxy's; hosts
            alone, as proxy.example.
        deadline: Seconds in which a request is answered or given up.
        max_requests: Requests that wait or are worked on at once; more get 429.
        max_rows: Examples of one request; of all requests at once four times as many, and more
            get 429.
        max_bytes: Bytes of one body; of all bodies at once eight times as many.
        max_pixels: Pixels of one image, looked at before it is decoded.
    """
    require_port(port)
    require_packages("serve", "latentia serve", "Serving")
    from latentia.app.limits import Limits
    from latentia.app.security import require_names, require_token
    from latentia.app.server import Server, address_of, bound, url_of
    from latentia.app.service import Service
    from latentia.command._inputs import open_run

    limits = Limits(max_requests, max_bytes, max_rows, max_pixels, deadline)
    token = token or os.environ.get("LATENTIA_TOKEN") or None
    address = address_of(host)
    require_token(address, token)
    listed = [name.strip() for name in (names or "").split(",") if name.strip()]
    require_names(listed)
    with bound(address, port) as listener:
        url = url_of(listener)
        opened, model = open_run(shell, run)
        service = Service(model, limits, token=token, name=opened.name)

        def begun() -> None:
            shell.give(
                {"url": url, "run": str(run), "pid": os.getpid(), "token": token is not None},
                f"{url} serves {run}; {url}/openapi.json says how it is asked",
            )
            sys.stdout.flush()  # whoever started it may read from a pipe

        Server(service, service.app(address, [host, *listed]), begun).serve_on(listener)
    shell.say("stopped; everything that was accepted is answered")
