"""Decode latents into examples: E[x|z]."""

from __future__ import annotations

from pathlib import Path

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["decode"]


def decode(
    shell: Shell, run: Path, latents: Path, *, out: Path, condition: str | None = None
) -> None:
    """Decode LATENTS, a file with columns z0, z1, ... or an array (n, latents), into E[x|z].

    Arguments:
        out: File to write: .png, .npy, .npz, .csv or .parquet.
        condition: NAME=VALUE,NAME=VALUE, under which a model of p(x|c) decodes.
    """
    from latentia.command._inputs import open_run, under
    from latentia.output import read_latents, require_writable, write_examples

    require_writable(out, (".png", ".npy", ".npz", ".csv", ".parquet"))
    _, model = open_run(shell, run)
    model = under(model, None, condition)
    try:
        x = model.inverse_transform(read_latents(latents))
    except UsageError as error:
        where = error.where.replace("Z", str(latents), 1)
        fit = f"`latentia encode {run}` writes latents that fit."
        how = fit if error.where.startswith("Z") else error.how
        raise UsageError(error.what, where=where, how=how) from None
    write_examples(out, x, model.schema_)
    shell.give({"out": str(out), "n": len(x)}, f"{out}: {len(x)} latents decoded")
