"""Interpolate between two examples through the latent space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from latentia.errors import UsageError
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.command._inputs import Examples
    from latentia.estimator.base import Estimator

__all__ = ["interpolate"]


def interpolate(
    shell: Shell,
    run: Path,
    first: int,
    second: int,
    *,
    out: Path,
    steps: int = 11,
    method: Literal["linear", "spherical"] = "linear",
    data: str | None = None,
    split: Literal["test", "validation", "train"] = "test",
    condition: str | None = None,
    data_root: str | None = None,
) -> None:
    """Decode the way from example FIRST to example SECOND, given by their numbers from 0.

    Arguments:
        out: File to write: .png, .npy, .npz, .csv or .parquet.
        steps: How many decodes, both ends included.
        method: Straight, or along the sphere that a normal prior expects.
        data: Other data, by name or path; used whole.
        split: Part of the run's own data.
        condition: NAME=VALUE,NAME=VALUE for the whole way, of a model of p(x|c); else the one that
            both examples have. Where the class is a latent, the first half of the way is under
            the most probable class of FIRST, and the rest under that of SECOND.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    from latentia.command._classes import predicted
    from latentia.command._inputs import Asked, examples, open_run, under
    from latentia.output import require_writable, write_examples

    require_writable(out, (".png", ".npy", ".npz", ".csv", ".parquet"))
    opened, model = open_run(shell, run)
    found = examples(shell, opened, Asked(data, split, data_root))
    x = found.x
    for number in (first, second):
        if not 0 <= number < len(x):
            raise UsageError(
                f"There is no example {number}.",
                where="FIRST, SECOND",
                how=f"They are numbered 0 to {len(x) - 1}.",
            )
    model = under(model, _between(found, first, second), condition)
    path = model.interpolate(x[first], x[second], steps=steps, method=method)
    write_examples(out, path, model.schema_, rows=1)
    told = predicted(model, x[[first, second]]) if condition is None else {}
    classes = [str(name) for name in told.get("predicted", ())]
    numbers = {"out": str(out), "steps": steps, "method": method}
    shell.give(
        numbers | ({"classes": classes} if classes else {}),
        f"{out}: {steps} decodes from example {first} to example {second}, {method}"
        + (_under(model, classes) if classes else ""),
    )


def _under(model: Estimator, classes: list[str]) -> str:
    """Return the words for the most probable classes of both ends."""
    name, (one, other) = model.schema_.conditions[0].name, classes
    return (
        f", under {name} {one}, the most probable of both"
        if one == other
        else f", the first half under {name} {one} and the rest under {name} {other}, the most "
        "probable of each end"
    )


def _between(found: Examples, first: int, second: int) -> Examples:
    """Return the examples under the condition that two of them share, or under none."""
    if found.c is None:
        return found
    one, other = found.c[first], found.c[second]
    return found._replace(c=one[None] if (one == other).all() else None)
