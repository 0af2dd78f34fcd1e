"""In whose words an error speaks: the flags of the command line, or Python's keywords.

Errors are written in flags. The estimators hand them on in keywords, unless the command line is
what called them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from latentia import room
from latentia.errors import LatentiaError

__all__ = ["SETTINGS", "in_keywords", "keywords", "speaking_flags"]

P = ParamSpec("P")
R = TypeVar("R")

_ROOMS = ("network", "posterior", "prior", "likelihood", "objective", "corruption", "feature")
_NAMES = {
    "latent-dim": "n_components",
    "posterior": "variational",
    "epochs": "max_epochs",
    "seed": "random_state",
    "data-root": "root",
    "force": "force=True",
}
# Flags of the command line that an estimator takes within `settings`.
SETTINGS = (
    *("schedule", "weight-decay", "clip", "skip", "average", "patience"),
    *("max-time", "snapshots"),
    *("precision", "compile"),
)
_FLAG = re.compile(
    r"--(?P<name>[a-z]+(?:-[a-z]+)*)(?:\.(?P<option>[a-z]+(?:[_-][a-z]+)*|\*))?"
    r"(?: (?P<value>\d+(?:\.\d+)?\b|[a-z]+(?:-[a-z]+)*))?"
)
# Flags stand side by side; keywords have a comma between them.
_COMMA = re.compile(r"(=(?:'[^']*'|\d+)) (?=[a-z_]+=)")
_flags: ContextVar[bool] = ContextVar("flags", default=False)


@contextmanager
def speaking_flags() -> Iterator[None]:
    """Inside, errors keep the command line's words."""
    token = _flags.set(True)
    try:
        yield
    finally:
        _flags.reset(token)


def in_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function's errors speak of Python's keywords where it is called from Python."""

    @wraps(function)
    def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except LatentiaError as error:
            if not _flags.get():
                what, where, how = map(keywords, (error.what, error.where, error.how))
                LatentiaError.__init__(error, what, where=where, how=how)
            raise

    return translated


def keywords(text: str) -> str:
    """Return a text with the flags in it written as keywords of an estimator.

    Example:
        >>> keywords("Use --binarize none or --latent-dim 20, not --prior.components.")
        "Use binarize='none' or n_components=20, not prior={'components': ...}."
    """
    parts = re.split(r"(`latentia [^`]*`)", text.replace(" with --out", ""))
    return "".join(
        # Commands stay commands: they can be run beside Python.
        part if part.startswith("`latentia ") else _COMMA.sub(r"\1, ", _FLAG.sub(_keyword, part))
        for part in parts
    )


def _keyword(match: re.Match[str]) -> str:
    """Return one flag, with its value if the word behind it is one, as a keyword."""
    name, option, value = match["name"], match["option"], match["value"]
    rest = ""
    if value is not None and not value[0].isdigit() and value not in _words():
        value, rest = None, f" {value}"
    keyword = _NAMES.get(name, name.replace("-", "_"))
    shown = None if value is None else value if value[0].isdigit() else repr(value)
    if name in SETTINGS:
        keyword, option = "settings", name
    if (name, option) == ("objective", "beta"):
        keyword, option = "beta", None
    if option is not None and option != "*":
        entry = option.replace("-", "_")
        return f"{keyword}={{{entry!r}: {shown or '...'}}}{rest}"
    return f"{keyword}{'' if shown is None else f'={shown}'}{rest}"


@cache
def _words() -> set[str]:
    """Return the words that are values of flags, and not the next word of a sentence."""
    members = {name for each in _ROOMS for name in room.names(each)}
    choices = {"dynamic", "threshold", "none", "auto", "cpu", "cuda", "cosine", "constant"}
    return members | choices
