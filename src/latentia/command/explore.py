"""Open a page on which a run's latent space is seen and moved."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.explorer.subject import Subject

__all__ = ["explore"]


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
    _require_packages()
    from latentia.app.server import Server, bound, url_of
    from latentia.explorer.explorer import Explorer
    from latentia.explorer.page import require_page

    require_page()
    with bound("127.0.0.1", port) as listener:
        url = url_of(listener)
        explorer = Explorer(_subject(shell, run, data, split, data_root, limit))

        def begun() -> None:
            shell.give(
                {"url": url, "run": str(run), "pid": os.getpid()},
                f"{url} shows {run}; Ctrl-C ends it",
            )
            sys.stdout.flush()  # whoever started it may read from a pipe
            if not no_browser:
                webbrowser.open(url)

        Server(explorer.service, explorer.app(), begun).serve_on(listener)


def _subject(
    shell: Shell, path: Path, data: str | None, split: str, data_root: str | None, limit: int
) -> Subject:
    """Return the run with its examples, or with the reason why there are none."""
    from latentia.command._inputs import Asked, examples, open_run
    from latentia.explorer.subject import MOST, Subject

    run, model = open_run(shell, path)
    try:
        found = examples(shell, run, Asked(data, split, data_root))
    except (DataError, RunError, MachineError, UsageError) as error:
        if data is not None:
            raise
        shell.say(f"note      {error.what} The page shows the model without examples.")
        return _without(run, model, error)
    part = found.first(min(limit, MOST))
    if len(part.x) < len(found.x):
        shell.say(f"note      the first {len(part.x)} of {len(found.x)} examples are shown")
    return Subject(
        run=run,
        model=model,
        x=part.x,
        y=part.y,
        labels=part.labels,
        source=part.name,
        split=part.split,
        rows=part.rows,
        c=part.c,
        beside=part.beside,
        total=len(found.x),
    )


def _without(run: object, model: object, error: LatentiaError) -> Subject:
    import numpy as np

    from latentia.estimator.base import Estimator
    from latentia.explorer.subject import Subject
    from latentia.run import Run

    assert isinstance(run, Run)
    assert isinstance(model, Estimator)
    empty = np.empty((0, *model.schema_.shape), np.float32)
    return Subject(run=run, model=model, x=empty, missing=error.what)


def _require_packages() -> None:
    """Refuse to go on where the packages of the extras are missing."""
    missing = []
    for name in ("fastapi", "uvicorn", "prometheus_client", "onnx", "onnxscript", "onnxruntime"):
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise MachineError(
            f"The explorer needs packages that are not installed: {', '.join(missing)}.",
            where="latentia explore",
            how="Install them: pip install 'latentia[explore]'.",
        )
