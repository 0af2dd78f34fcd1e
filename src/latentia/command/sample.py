"""Sample new examples from the prior: a picture, an array or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["sample"]


def sample(
    shell: Shell,
    run: Path,
    *,
    n: int = 64,
    out: Path,
    values: Literal["auto", "mean", "draw"] = "auto",
    condition: str | None = None,
) -> None:
    """Sample new examples z ~ p(z) and write them to a file, by its suffix.

    Arguments:
        n: How many.
        out: File to write: .png, .npy, .npz, .csv or .parquet.
        condition: NAME=VALUE,NAME=VALUE, under which a model of p(x|c) is sampled.
        values: `mean` writes E[x|z], `draw` draws x ~ p(x|z); auto is mean for .png, else draw.
    """
    if n < 1:
        raise UsageError(f"At least one sample, not {n}.", where="-n", how="Ask for 1 or more.")
    from latentia.command._inputs import open_run, under
    from latentia.output import require_writable, write_examples

    require_writable(out, (".png", ".npy", ".npz", ".csv", ".parquet"))
    _, model = open_run(shell, run)
    model = under(model, None, condition)
    mean = values == "mean" or (values == "auto" and out.suffix.lower() == ".png")
    seed = shell.seed_or_zero
    x = (model.sample_mean if mean else model.sample)(n, random_state=seed)
    write_examples(out, x, model.schema_)
    what = "E[x|z]" if mean else "x ~ p(x|z)"
    shell.give(
        {"out": str(out), "n": n, "values": "mean" if mean else "draw", "seed": seed},
        f"{out}: {n} samples, {what} with z ~ p(z), seed {seed}",
    )
