"""Score examples: log p(x), ELBO and its parts of each, the least likely first if asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["score"]


def score(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    out: Path | None = None,
    split: Literal["test", "validation", "train"] = "test",
    importance: int = 100,
    top: int = 10,
    data_root: str | None = None,
) -> None:
    """Score DATA (by default the run's own test part) in nats, example by example.

    Where the model binarizes greys, a score is that of one draw: another --seed moves it by a few
    nats.

    Arguments:
        out: File to write all scores to: .csv, .parquet, .npz or .npy.
        split: Part of the run's own data.
        importance: Samples of z for each example.
        top: How many of the least likely examples to print.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if importance < 1 or top < 0:
        raise UsageError(
            f"There are no scores from {importance} samples, of which to print {top}.",
            where="--importance, --top",
            how="At least one sample, and no negative number to print.",
        )
    from latentia.command._inputs import Asked, examples, open_run
    from latentia.output import require_writable, write_table

    if out is not None:
        require_writable(out, (".csv", ".parquet", ".npz", ".npy"))
    opened, model = open_run(shell, run)
    found = examples(opened, Asked(data, split, data_root))
    nats = model.elbo(found.x, random_state=shell.seed_or_zero)
    reason = model.config_.no_likelihood
    columns: dict[str, Any] = {"example": np.arange(len(found.x))}
    if not reason:
        seed = shell.seed_or_zero
        columns["log_likelihood"] = model.score_samples(found.x, importance, random_state=seed)
    columns |= {"elbo": nats.elbo, "reconstruction": nats.reconstruction, "kl": nats.kl}
    if out is not None:
        write_table(out, columns)
    key = "elbo" if reason else "log_likelihood"
    order = np.argsort(columns[key], kind="stable")[:top]
    rows = [{name: value[i].item() for name, value in columns.items()} for i in order]
    result = {
        "n": len(found.x),
        "mean": float(np.mean(columns[key])),
        "score": key,
        "is_likelihood": not reason,
        "no_likelihood": reason or None,
        "least": rows,
        "out": None if out is None else str(out),
    }
    shell.give(result, _text(result, reason))


def _text(result: dict[str, Any], reason: str) -> str:
    star = "*" if reason else ""
    name = result["score"].replace("log_likelihood", "log p(x)").replace("elbo", "ELBO")
    lines = [f"{result['n']} examples, mean {name}{star} {result['mean']:.2f} nats; the least:"]
    lines += [
        f"  example {row['example']:>6}  {name}{star} {row[result['score']]:9.2f}  "
        f"reconstruction {row['reconstruction']:9.2f}  KL {row['kl']:7.2f}"
        for row in result["least"]
    ]
    if result["out"]:
        lines.append(f"{result['out']}: all {result['n']} scores")
    if reason:
        lines.append(f"* no likelihood: {reason}")
    return "\n".join(lines)
