"""What Python users call: `explore` shows a fitted model, `write_html` makes a file of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from latentia.errors import MachineError, UsageError
from latentia.estimator.base import Estimator
from latentia.explorer.memory import subject_of
from latentia.explorer.page import require_page
from latentia.explorer.single import SingleFile, require_free, write_single
from latentia.voice import in_keywords

__all__ = ["explore", "in_notebook", "write_html"]


@in_keywords
def explore(
    model: Estimator,
    X: Any = None,
    labels: Any = None,
    *,
    examples: int | None = None,
    port: int = 8001,
    height: int = 760,
) -> Any:
    """Show a fitted model's latent space on a page: in a notebook's cell, or in the browser.

    In a notebook a widget holds the page, with everything that it shows: it needs no port, so it
    works where the notebook's server is another machine. Elsewhere the page is served to this
    machine alone until Ctrl-C, and the browser is opened.

    Arguments:
        model: A fitted model; of p(x|c), under the conditions of X (`cvae.given(y)`).
        X: Examples (n, ...) to show with it, or None.
        labels: Their classes (n,), of any type, or None.
        examples: In a notebook: how many of them, chosen at random; as many as keep the cell
            small if None.
        port: Elsewhere: port; 0 takes any that is free.
        height: In a notebook: of the cell, in pixels.

    Returns:
        The widget in a notebook, None elsewhere.

    Raises:
        MachineError: if a package or the page is missing, saying how it is had.
        NotFittedError: if the model is not fitted.
        UsageError: if it is no model, the labels are those of no examples, or a model of p(x|c)
            lacks c.
        RunError: in a notebook, if the model cannot be written as graphs.
    """
    _require_fitted(model, "lt.explore")
    if in_notebook():
        _require_widgets()
        from latentia.explorer.widget import cell_of

        require_page(file="single.html")
        return cell_of(_made(model, X, labels, examples).content, height)
    from latentia.explorer.serving import require, serve

    require(port)
    serve(
        lambda: [subject_of(model, X, labels)],
        port,
        lambda url: print(f"{url} shows the model; Ctrl-C ends it", flush=True),
        browser=True,
    )
    return None


@in_keywords
def write_html(
    model: Estimator,
    path: str | Path,
    X: Any = None,
    labels: Any = None,
    *,
    examples: int | None = None,
    force: bool = False,
) -> int:
    """Write a fitted model's page as one file, which opens from disk without a network.

    Arguments:
        model: A fitted model; of p(x|c), under the conditions of X (`cvae.given(y)`).
        path: The file.
        X: Examples (n, ...) to choose from, or None.
        labels: Their classes (n,), of any type, or None.
        examples: How many of them, chosen at random; as many as keep the file small if None.
        force: Whether a file that is there may be replaced.

    Returns:
        The file's size in bytes.

    Raises:
        MachineError: if the page has not been built, a package is missing, or the file cannot be
            written.
        NotFittedError: if the model is not fitted.
        RunError: if the model cannot be written as graphs.
        UsageError: if there is a file already, and `force` is off, or this is no model.
    """
    _require_fitted(model, "lt.write_html")
    require_page(file="single.html")
    require_free(Path(path), force=force)
    made = _made(model, X, labels, examples)
    return write_single(made, Path(path), force=force)


def _require_fitted(model: Any, where: str) -> None:
    """Refuse what is no fitted model of this package, before anything is read of it."""
    if isinstance(model, str | Path):
        raise UsageError(
            f"A model is wanted here, and {str(model)!r} is a path.",
            where=where,
            how=f"Load it: {where}(lt.load({str(model)!r}), ...). `latentia explore` and "
            "`latentia export` take paths.",
        )
    if not isinstance(model, Estimator):
        raise UsageError(
            f"A model of latentia is wanted here, not a {type(model).__name__}.",
            where=where,
            how="Give one that is fitted, such as lt.VAE().fit(X).",
        )
    check_is_fitted(model)


def _made(model: Estimator, X: Any, labels: Any, examples: int | None) -> SingleFile:
    """Return the file, and leave the model on the device that it was on."""
    if X is None and examples:
        raise UsageError(
            f"There is no X of which {examples} examples could be chosen.",
            where=f"examples={examples}",
            how="Give X too, or leave examples out.",
        )
    device = next(model.model_.parameters()).device
    try:
        return SingleFile.of(subject_of(model, X, labels), examples)
    finally:
        model.model_.to(device)


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this, and not a terminal."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def _require_widgets() -> None:
    try:
        import anywidget  # noqa: F401
    except ImportError:
        raise MachineError(
            "A page in a notebook needs a package that is not installed: anywidget.",
            where="lt.explore",
            how="Install it: pip install 'latentia[notebook]'.",
        ) from None
