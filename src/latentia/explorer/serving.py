"""A page on a port of this machine, until Ctrl-C."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Sequence

from latentia.app.required import require_packages, require_port
from latentia.explorer.page import require_page
from latentia.explorer.subject import Subject

__all__ = ["require", "serve"]


def require(port: int) -> None:
    """Refuse to go on where a port cannot be, or packages of the extras or the page are missing.

    Arguments:
        port: 0 to 65535.

    Raises:
        UsageError: if there is no such port.
        MachineError: saying what is missing, and how it is had.
    """
    require_port(port)
    require_packages("explore", "latentia explore", "The explorer")
    require_page()


def serve(
    subjects_of: Callable[[], Sequence[Subject]],
    port: int,
    told: Callable[[str], None],
    *,
    browser: bool,
) -> None:
    """Serve a page until a signal ends it; only this machine can reach it.

    Arguments:
        subjects_of: Returns what the page is about, and what it shows beside; asked once the
            port is had.
        port: Port; 0 takes any that is free.
        told: Called with the address once requests are answered.
        browser: Whether to open it in the browser then.

    Raises:
        MachineError: if the port cannot be had.
        RunError: if the model cannot decode.
    """
    from latentia.app.server import Server, bound, url_of
    from latentia.explorer.explorer import Explorer

    with bound("127.0.0.1", port) as listener:
        url = url_of(listener)
        first, *others = subjects_of()
        explorer = Explorer(first, others=others, look=subjects_of)

        def begun() -> None:
            told(url)
            if browser:
                webbrowser.open(url)

        Server(explorer.service, explorer.app(), begun).serve_on(listener)
