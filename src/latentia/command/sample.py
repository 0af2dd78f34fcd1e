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
    temperature: float = 1.0,
) -> None:
    """Sample new examples z ~ p(z) and write them to a file, by its suffix.

    Arguments:
        n: How many.
        out: File to write: .png, .npy, .npz, .csv or .parquet.
        condition: NAME=VALUE,NAME=VALUE, under which a model of p(x|c) is sampled.
        temperature: What the prior's deviations are multiplied by; less than 1 is more typical.
        values: `mean` writes E[x|z], `draw` draws x ~ p(x|z); auto is mean for .png where the
            decoder has one, else draw.
    """
    if n < 1:
        raise UsageError(f"At least one sample, not {n}.", where="-n", how="Ask for 1 or more.")
    from latentia.command._inputs import open_run, under
    from latentia.output import require_writable, write_examples

    require_writable(out, (".png", ".npy", ".npz", ".csv", ".parquet"))
    _, model = open_run(shell, run)
    model = under(model, None, condition)
    likelihood = model.model_.likelihood
    if values == "mean" and not likelihood.has_mean:
        raise UsageError(
            "This decoder has no mean in closed form.",
            where="--values mean",
            how="Use --values draw, or leave --values out.",
        )
    pictures = out.suffix.lower() == ".png" and likelihood.has_mean
    mean = values == "mean" or (values == "auto" and pictures)
    seed = shell.seed_or_zero
    draw = model.sample_mean if mean else model.sample
    x = draw(n, temperature=temperature, random_state=seed)
    write_examples(out, x, model.schema_)
    # Of a cost there is no p(x|z), and a draw of it is what is shown.
    what = likelihood.shows[1] if mean or likelihood.cost else "x ~ p(x|z)"
    shell.give(
        {"out": str(out), "n": n, "values": "mean" if mean else "draw", "seed": seed}
        | ({} if temperature == 1 else {"temperature": temperature})
        | ({} if condition is None else {"condition": condition}),
        f"{out}: {n} samples, {what} with z ~ p(z){_at(temperature, condition)}, seed {seed}",
    )


def _at(temperature: float, condition: str | None) -> str:
    at = "" if temperature == 1 else f" at temperature {temperature:g}"
    return at if condition is None else f"{at} under {condition}"
