"""Open a page on which a run's latent space is seen and moved."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Literal

from latentia.command._required import require_packages
from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["explore"]

_PACKAGES = ("fastapi", "uvicorn", "prometheus_client", "onnx", "onnxscript", "onnxruntime")


def explore(
    shell: Shell,
    run: Path,
    *,
    port: int = 8001,
    no_browser: bool = False,
    data: str | None = None,
    split: Literal["test", "validation", "train", "all"] = "test",
    limit: int = 100_000,
    data_root: str | None = None,
) -> None:
    """Explore RUN in the browser: its map, its latents, and what the equation says of them.

    The page decodes by itself, in WebAssembly, and asks nobody but this machine, which alone can
    reach it. Where the run's data are gone it still decodes, and says what it misses. Ctrl-C ends
    it.

    Arguments:
        port: Port; 0 takes any that is free.
        no_browser: Say the address, and open nothing.
        data: Other data to show, by name or path; used whole.
        split: Part of the run's own data.
        limit: Examples shown at most; the first of them.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if not 0 <= port <= 65535:
        raise UsageError(
            f"There is no port {port}.", where=f"--port {port}", how="Use one of 0 to 65535."
        )
    if limit < 1:
        raise UsageError(
            f"At least one example, not {limit}.",
            where=f"--limit {limit}",
            how="Leave it out for as many as a page can show.",
        )
    require_packages(_PACKAGES, "latentia explore", "The explorer")
    from latentia.app.server import Server, bound, url_of
    from latentia.command._explored import explored
    from latentia.command._inputs import Asked
    from latentia.explorer.explorer import Explorer
    from latentia.explorer.page import require_page

    require_page()
    with bound("127.0.0.1", port) as listener:
        url = url_of(listener)
        explorer = Explorer(explored(shell, run, Asked(data, split, data_root), limit))

        def begun() -> None:
            shell.give(
                {"url": url, "run": str(run), "pid": os.getpid()},
                f"{url} shows {run}; Ctrl-C ends it",
            )
            sys.stdout.flush()  # whoever started it may read from a pipe
            if not no_browser:
                webbrowser.open(url)

        Server(explorer.service, explorer.app(), begun).serve_on(listener)
