"""Reconstruct examples: E[x|z] at their posterior means."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["reconstruct"]


def reconstruct(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    out: Path,
    split: Literal["test", "validation", "train"] = "test",
    n: int | None = None,
    condition: str | None = None,
    data_root: str | None = None,
) -> None:
    """Reconstruct DATA (by default the run's own test part) and write the result.

    A .png holds originals above their reconstructions.

    Arguments:
        data_: DATA, as an option.
        out: File to write: .png, .npy, .npz, .csv or .parquet.
        split: Part of the run's own data.
        n: Only the first so many examples; 10 for a .png by default.
        condition: NAME=VALUE,NAME=VALUE for all examples, of a model of p(x|c); else their own.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if n is not None and n < 1:
        raise UsageError(f"At least one example, not {n}.", where="-n", how="Ask for 1 or more.")
    from latentia.command._inputs import Asked, examples, open_run, under
    from latentia.output import require_writable, write_examples

    require_writable(out, (".png", ".npy", ".npz", ".csv", ".parquet"))
    opened, model = open_run(shell, run)
    picture = out.suffix.lower() == ".png"
    found = examples(shell, opened, Asked.either(data, data_, split, data_root))
    found = found.first(n or (10 if picture else None))
    model, x = under(model, found, condition), found.x
    again = model.reconstruct(x)
    if picture:
        scale = 255 if x.dtype == np.uint8 and model.schema_.kind == "bytes" else 1
        both = np.concatenate([x.astype(np.float32) / scale, again])
        write_examples(out, both, model.schema_, rows=2)
    else:
        write_examples(out, again, model.schema_)
    shown = model.model_.likelihood.shows[1]
    result = {"out": str(out), "n": len(x), "shown": shown, "notes": list(found.notes)}
    shell.give(result, f"{out}: {len(x)} examples reconstructed, {shown}")
