"""Compare runs side by side: their numbers, and whether the numbers may be compared."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import Any

from latentia import room
from latentia.comparable import apart, footing, told
from latentia.errors import RunError, UsageError
from latentia.shell import Shell

__all__ = ["compare"]


def compare(shell: Shell, *runs: Path) -> None:
    """Compare RUNS: their evaluations on test data, or on validation where there is none yet.

    Numbers of different data, splits, binarizations or kinds of likelihood cannot be compared;
    such rows are marked. Of data only x has to be the same: a model that sums over classes of
    which it was told some is one of p(x), like a model that knows of none. p(x|c) is not.
    """
    if len(runs) < 2:
        raise UsageError("Comparing takes at least two runs.", where="latentia compare RUN RUN")
    from latentia.run import Run

    rows = [_row(Run(path)) for path in runs]
    same = [not apart(row, rows[0]) for row in rows]
    for row, comparable in zip(rows, same, strict=True):
        row["comparable"] = comparable
    shell.give({"runs": rows, "comparable": all(same)}, _table(rows))


def _row(run: Any) -> dict[str, Any]:
    from latentia.training.observer import chosen_by

    config = run.config()
    likelihood = room.load("likelihood", config.model.likelihood["name"])
    numbers = run.evaluations().get("test")
    row: dict[str, Any] = {
        "run": str(run.path),
        "model": f"{config.model.posterior['name']} / {config.model.prior['name']} / "
        f"{config.model.likelihood['name']}, L={config.model.latent_dim}",
        "data": config.data.schema_.sha256,
        # Its pixels know of each other, so its numbers stand in a column that says so.
        "autoregressive": likelihood.autoregressive,
        "estimator": config.estimator,
        "diverged": config.diverged,
    }
    if numbers is not None:
        split = f"{numbers['split']} ({numbers['n_examples']})"
    else:
        validated = [r for r in run.metrics() if r["split"] == "validation"]
        if not validated:
            raise RunError(
                "This run has no numbers yet: it stopped before its first epoch ended.",
                where=str(run.path),
                how=f"{config.diverged} Train another run in its place."
                if config.diverged
                else f"Continue it with `latentia train --resume --out {quote(str(run.path))}`.",
            )
        numbers = max(validated, key=chosen_by)
        split = f"validation ({config.data.n_validation})"
    keys = ("elbo", "reconstruction", "kl", "log_likelihood", "n_importance", "active_units")
    return row | footing(config, split) | {key: numbers.get(key) for key in keys}


def _table(rows: list[dict[str, Any]]) -> str:
    parts = ["ELBO", "reconstruction", "KL", "log p(x)", "active"]
    head = ["run", "model", "decoder", "split", *parts]
    lines = [head]
    for row in rows:
        star = "" if row["is_likelihood"] else "*"
        marks = [" !"] * (not row["comparable"]) + [" ~"] * bool(row["diverged"])
        name = row["run"] + "".join(marks)
        numbers = [row["elbo"], row["reconstruction"], row["kl"], row["log_likelihood"]]
        written = ["-" if v is None else f"{v:.2f}" for v in numbers]
        if row["n_importance"]:
            written[3] += f" (k={row['n_importance']})"
        written[0] += star
        decoder = "autoregressive" if row["autoregressive"] else "independent"
        what = [name, row["model"], decoder, row["split"]]
        lines.append([*what, *written, str(row["active_units"])])
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines
    ]
    text.append("nats per example, constants included; higher is better")
    text += [f"{row['run']}: in {row['unit']}" for row in rows if row["unit"] != "nats"]
    if any(row["autoregressive"] for row in rows):
        text.append(
            "autoregressive decoder: a pixel is given those before it, and z may be ignored "
            "(see KL and active)"
        )
    if any(not row["is_likelihood"] for row in rows):
        text.append("* no likelihood")
    if any(not row["comparable"] for row in rows):
        text.append("! its numbers cannot be compared with the first's:")
        text += [
            f"  {row['run']}: {', '.join(told(apart(row, rows[0])))}"
            for row in rows
            if not row["comparable"]
        ]
    text += [f"~ {row['run']}: {row['diverged']}" for row in rows if row["diverged"]]
    return "\n".join(text)
