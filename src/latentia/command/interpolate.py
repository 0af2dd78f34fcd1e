"""Interpolate between two examples through the latent space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from latentia.errors import UsageError
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.command._inputs import Examples

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
            both examples have. A class that is a latent has to be said.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
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
    shell.give(
        {"out": str(out), "steps": steps, "method": method},
        f"{out}: {steps} decodes from example {first} to example {second}, {method}",
    )


def _between(found: Examples, first: int, second: int) -> Examples:
    """Return the examples under the condition that two of them share, or under none."""
    if found.c is None:
        return found
    one, other = found.c[first], found.c[second]
    return found._replace(c=one[None] if (one == other).all() else None)
