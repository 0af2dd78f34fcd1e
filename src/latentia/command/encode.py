"""Encode examples: the means and standard deviations of q(z|x)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from latentia.shell import Shell

__all__ = ["encode"]


def encode(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    out: Path,
    split: Literal["test", "validation", "train"] = "test",
    condition: str | None = None,
    data_root: str | None = None,
) -> None:
    """Encode DATA (by default the run's own test part) and write the latents.

    Tables have columns z0, z1, ... (means), sd0, sd1, ..., the label where there is one, the class
    that is predicted with its probability where the model tells classes, the example's number in
    the part, its row in the data (both from 0) and, in a folder of images, its path; a .npy holds
    the means alone, (n, latents).

    Arguments:
        data_: DATA, as an option.
        out: File to write: .csv, .parquet, .npz or .npy.
        split: Part of the run's own data.
        condition: NAME=VALUE,NAME=VALUE for all examples, of a model of p(x|c); else their own.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    from latentia.command._classes import predicted
    from latentia.command._inputs import Asked, examples, open_run, under
    from latentia.output import require_writable, write_table

    require_writable(out, (".csv", ".parquet", ".npz", ".npy"))
    opened, model = open_run(shell, run)
    found = examples(shell, opened, Asked.either(data, data_, split, data_root))
    model = under(model, found, condition)
    mean, deviation = model.moments(found.x)
    columns: dict[str, Any] = {f"z{d}": mean[:, d] for d in range(mean.shape[1])}
    if out.suffix.lower() != ".npy":
        columns |= {f"sd{d}": deviation[:, d] for d in range(mean.shape[1])}
        if found.y is not None:
            columns["label"] = np.array([found.labels[i] if i >= 0 else "" for i in found.y])
        columns |= predicted(model, found.x)
        columns |= found.places()
    write_table(out, columns)
    shell.give(
        {
            "out": str(out),
            "n": len(mean),
            "latents": mean.shape[1],
            "split": found.split,
            "notes": list(found.notes),
        },
        f"{out}: {len(mean)} examples in {mean.shape[1]} latents",
    )
