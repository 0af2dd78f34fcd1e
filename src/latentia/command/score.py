"""Score examples: log p(x), ELBO and its parts of each, the least likely first if asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from latentia.errors import UsageError
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.command._inputs import Examples
    from latentia.estimator.base import Estimator

__all__ = ["score"]


def score(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    out: Path | None = None,
    split: Literal["test", "validation", "train"] = "test",
    importance: int = 100,
    top: int = 10,
    limit: int | None = None,
    condition: str | None = None,
    data_root: str | None = None,
) -> None:
    """Score DATA (by default the run's own test part) in nats, example by example.

    Where q(z|x) is a single code the score is the ELBO, a bound: there is nothing to sample. Where
    it is a point, which bounds nothing, it is the reconstruction, with log p(z) of the point.
    Each is told by its number in the part, its row in the data and, in a folder of images, its
    path; numbers and rows start from 0. Where the model binarizes greys, a score is that of one
    draw: another --seed moves it by a few nats.

    Arguments:
        data_: DATA, as an option.
        out: File to write all scores to: .csv, .parquet, .npz or .npy (numbers alone).
        split: Part of the run's own data.
        importance: Samples of z for each example.
        top: How many of the least likely examples to print.
        limit: Only the first so many examples.
        condition: NAME=VALUE,NAME=VALUE for all examples, of a model of p(x|c); else their own.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if importance < 1:
        raise UsageError(
            f"At least one sample of z for each example, not {importance}.",
            where="--importance",
            how="Use 100 for a look, 5000 for numbers to publish.",
        )
    if top < 0:
        raise UsageError(f"{top} is no number of examples.", where="--top", how="Use 0 or more.")
    if limit is not None and limit < 1:
        raise UsageError(
            "There is no limit of 0 examples or fewer.",
            where=f"--limit {limit}",
            how="Use 1 or more, and no --limit for all examples.",
        )
    from latentia.command._inputs import Asked, examples, open_run, under
    from latentia.evaluation.score import score_of
    from latentia.output import require_writable, write_table

    if out is not None:
        require_writable(out, (".csv", ".parquet", ".npz", ".npy"))
    opened, model = open_run(shell, run)
    found = examples(shell, opened, Asked.either(data, data_, split, data_root)).first(limit)
    model = under(model, found, condition)
    reason = model.config_.no_likelihood
    what = score_of(model.model_, reason)
    nats = _nats(shell, model, found, importance if what.is_estimated else 0)
    places = found.places()
    if out is not None:
        # An array has room for numbers alone, and its columns stay where they are.
        if out.suffix.lower() == ".npy":
            write_table(out, {"example": places["example"]} | _in_place(nats))
        else:
            write_table(out, places | nats)
    order = np.argsort(nats[what.name], kind="stable")[:top]
    columns = places | nats
    result: dict[str, Any] = {
        "n": len(found.x),
        "mean": float(np.mean(nats[what.name])),
        "split": found.split,
        "notes": [
            *found.notes,
            *([what.why] * bool(what.why and not reason)),
            *_impossible(nats[what.name], opened.config().model.likelihood["name"]),
        ],
        "score": what.name,
        "unit": model.model_.likelihood.unit,
        "is_likelihood": not reason,
        "no_likelihood": reason or None,
        "least": [{name: value[i].item() for name, value in columns.items()} for i in order],
        "out": None if out is None else str(out),
    }
    for note in result["notes"][len(found.notes) :]:
        shell.say(f"note      {note}")
    shell.give(result, _text(result, what.words, reason))


def _nats(shell: Shell, model: Estimator, found: Examples, importance: int) -> dict[str, Any]:
    """Return the scores by name, (n,) nats each; log p(x) where it has samples."""
    from latentia.command._counting import counting
    from latentia.evaluation.likelihood import log_likelihood
    from latentia.evidence.importance import ImportanceSampling

    columns: dict[str, Any] = {}
    if importance:
        estimate = log_likelihood(
            model.model_,
            model.examples(found.x),
            ImportanceSampling(samples=importance),
            seed=shell.seed_or_zero,
            progress=counting(shell, "log p(x)", len(found.x)),
        )
        columns["log_likelihood"] = estimate.each.numpy()
    nats = model.elbo(found.x, random_state=shell.seed_or_zero)
    parts = {name: getattr(nats, name) for name in (*_BOUND, "log_pz")}
    return columns | {name: each for name, each in parts.items() if each is not None}


_BOUND = ("elbo", "reconstruction", "kl")


def _in_place(nats: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of an array, NaN where points have no bound and no KL."""
    none = np.full(len(nats["reconstruction"]), np.nan)
    first = {name: nats[name] for name in nats if name == "log_likelihood"}
    return first | {name: nats.get(name, none) for name in _BOUND} | nats


def _impossible(nats: Any, likelihood: str) -> list[str]:
    """Say how many examples have probability 0, which nobody would guess from a mean of -inf."""
    none = np.flatnonzero(np.isneginf(nats))
    if not len(none):
        return []
    first = ", ".join(map(str, none[:5])) + (", ..." if len(none) > 5 else "")
    return [
        f"{len(none)} of {len(nats)} examples have probability 0 under a {likelihood} likelihood "
        f"(example {first}): they hold a value that it cannot be, such as a class that was not in "
        f"the training data. The mean is minus infinity for that."
    ]


def _text(result: dict[str, Any], name: str, reason: str) -> str:
    star = "*" if reason else ""
    mean = f"{result['mean']:.2f} {result['unit']}"
    lines = [f"{result['n']} examples, mean {name}{star} {mean}; the least:"]
    lines += [
        f"  example {row['example']:>6}  {name}{star} {row[result['score']]:9.2f}  "
        f"{_parts(row)}{_place(row, result)}"
        for row in result["least"]
    ]
    if result["out"]:
        lines.append(f"{result['out']}: all {result['n']} scores")
    if reason:
        lines.append(f"* no likelihood: {reason}")
    return "\n".join(lines)


def _parts(row: dict[str, Any]) -> str:
    """Return the parts of a bound in words; of points, what the prior says of them."""
    if "kl" in row:
        return f"reconstruction {row['reconstruction']:9.2f}  KL {row['kl']:7.2f}"
    return f"log p(z) {row['log_pz']:7.2f}" if "log_pz" in row else ""


def _place(row: dict[str, Any], result: dict[str, Any]) -> str:
    """Return where an example comes from: its file, or its row where that is another number."""
    if "path" in row:
        return f"  {row['path']}"
    return "" if result["split"] == "all" else f"  row {row['row']} of the data"
