"""Open a page on which a run's latent space is seen and moved."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["explore"]


def explore(
    shell: Shell,
    run: Path,
    *,
    with_: tuple[Path, ...] = (),
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

    Other runs can be shown beside it on the same examples, and of a run trained with --snapshots
    the model of any epoch.

    Arguments:
        with_: Another run to show beside it; may be given several times.
        port: Port; 0 takes any that is free.
        no_browser: Say the address, and open nothing.
        data: Other data to show, by name or path; used whole.
        split: Part of the run's own data.
        limit: Examples shown at most; the first of them.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if limit < 1:
        raise UsageError(
            f"At least one example, not {limit}.",
            where=f"--limit {limit}",
            how="Leave it out for as many as a page can show.",
        )
    from latentia.command._explored import together
    from latentia.command._inputs import Asked
    from latentia.explorer.serving import require, serve

    require(port)

    def told(url: str) -> None:
        shell.give(
            {"url": url, "run": str(run), "pid": os.getpid()},
            f"{url} shows {run}; Ctrl-C ends it",
        )
        sys.stdout.flush()  # whoever started it may read from a pipe

    asked = Asked(data, split, data_root)
    runs = [run, *with_]
    serve(lambda: together(shell, runs, asked, limit), port, told, browser=not no_browser)
