"""What speed may not change: what is learned, by products of bfloat16 and by a compiled step.

    LATENTIA_DATA=... python benchmarks/speed/parity.py

`precision`: the model of the first race, 55,000 digits of MNIST drawn black and white, 20 epochs
as `fit` comes, with products of float32 and of bfloat16 from the same seeds; the ELBO is that of
5,000 other digits. `steps`: two epochs of the IWAE's race from one seed, as written, compiled, and
as written with one weight moved in its last digits before the first step: how far the last comes
from the first is how far rounding alone carries a run. `--only` makes one of the two anew, of
`precision` the seeds that are asked for, and keeps the rest. No number here depends on the clock,
but the last digits do on the number of threads.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latentia as lt
from latentia.data import Data
from latentia.model import Terms
from latentia.request import DataRequest
from latentia.session import Session, prepare
from latentia.training.checkpoint import Progress
from latentia.training.observer import Observer, Row

sys.path.insert(0, str(Path(__file__).parent))
from ours import MODELS
from run import HERE, processor

KINDS = ("float32", "bfloat16")
# What two precisions may differ by after 20 epochs, in nats.
ALLOWED = 0.3
WAYS = ("as written", "compiled", "as written, one weight moved")
# The share of itself by which that weight is moved.
MOVED = 2.0**-22
# Its pixel: one at the border, which is black in all digits, moves nothing.
_MIDDLE = 14 * 28 + 14


class Heard(Observer):
    """Keeps the ELBO of every epoch, and what every step minimized."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.trained, self.validated, self.losses = (list[float]() for _ in range(3))

    def step(self, standing: Progress, steps: int, terms: Terms) -> None:
        """Hear of one step."""
        with torch.no_grad():
            self.losses.append(-float(self.session.task.objective(terms).mean()))

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Hear of one epoch."""
        self.trained.append(rows[0]["elbo"])
        self.validated.append(rows[1]["elbo"])

    def warn(self, text: str) -> None:
        """Hear that a step could not be compiled: then there is nothing to compare."""
        raise SystemExit(text)


def digits(n: int) -> np.ndarray:
    """Return the first n images of MNIST."""
    return np.asarray(lt.data.load("mnist", return_X_y=True)[0], dtype=np.uint8)[:n]


def precision(kind: str, seed: int, epochs: int) -> float:
    """Return the validation ELBO after the last epoch, in nats."""
    settings = {"precision": kind, "compile": "no"}
    options = {"batch_size": 128, "max_epochs": epochs, "random_state": seed}
    vae = lt.VAE(**MODELS["mlp"], binarize="dynamic", settings=settings, **options)
    session = prepare(
        Data.from_array(digits(60_000)), vae.plan(), DataRequest(test=0, validation=5_000)
    )
    session.train(heard := Heard(session))
    return heard.validated[-1]


def steps(way: str, batch: int, images: int) -> Heard:
    """Take the steps of the IWAE's race one of three ways."""
    settings = {"schedule": "constant", "precision": "float32"}
    settings["compile"] = "yes" if way == "compiled" else "no"
    vae = lt.VAE(
        **MODELS["iwae"], binarize="none", batch_size=batch, max_epochs=2, settings=settings
    )
    data = Data.from_array(digits(images + 100))
    session = prepare(data, vae.plan(), DataRequest(test=0, validation=100))
    if way.endswith("moved"):
        with torch.no_grad():
            first = next(session.model.parameters())  # (200, 784)
            first[100, _MIDDLE] *= 1 + MOVED
    session.train(heard := Heard(session))
    return heard


def apart(found: Heard, written: Heard) -> dict[str, Any]:
    """Return how far a run comes from the one as written: of single steps, and at the end."""
    off = np.abs(np.array(found.losses) - np.array(written.losses))
    last = len(off) // 2
    return {
        "first": float(off[0]),
        "after": {str(n): float(off[:n].max()) for n in (10, 50, 100) if n <= len(off)},
        "largest": float(off.max()),
        "elbo": found.trained[-1],
        "bound": -float(np.mean(found.losses[last:])),
    }


def text(found: dict[str, Any]) -> str:
    """Return the results as a page of Markdown."""
    lines = [
        "# What speed does not change",
        "",
        f"{found['machine']}; torch {found['torch']}, {found['threads']} "
        f"thread{'s' * (found['threads'] > 1)}; made by `benchmarks/speed/parity.py`.",
        "",
        *(_precision_lines(found["precision"]) if found.get("precision") else []),
        *(_steps_lines(found["steps"]) if found.get("steps") else []),
    ]
    return "\n".join(lines)


def _precision_lines(found: dict[str, Any]) -> list[str]:
    rows = found["runs"]
    off = max(abs(row["bfloat16"] - row["float32"]) for row in rows)
    between = [row["float32"] for row in rows]
    seeds = f"; the seeds of float32 differ by {max(between) - min(between):.2f}"
    return [
        "## Products of bfloat16",
        "",
        f"{found['date']}. 784-500-500-20, 55,000 digits, {found['epochs']} epochs: the "
        "validation ELBO after the last, nats.",
        "",
        "| seed | float32 | bfloat16 | difference |",
        "|---|---|---|---|",
        *(
            f"| {row['seed']} | {row['float32']:.2f} | {row['bfloat16']:.2f} | "
            f"{row['bfloat16'] - row['float32']:+.2f} |"
            for row in rows
        ),
        "",
        f"The largest difference is {off:.2f} nats, {'within' if off <= ALLOWED else 'more than'} "
        f"the {ALLOWED} that are allowed{seeds if len(rows) > 1 else ''}.",
        "",
    ]


def _steps_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        "## A compiled step",
        "",
        f"{found['date']}. 784-200-200-50, the bound of 50 samples, {found['images']:,} grey "
        "digits, 2 epochs: what the second comes to, and how far what steps minimize is from the "
        f"run as written, nats. Moved is one weight, by {MOVED:.1e} of itself, before all steps.",
        "",
        "| batch | | train ELBO | the bound trained | first step | within 10 | 50 | 100 | any |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for batch, ways in found["batches"].items():
        for way, row in ways.items():
            some = [row["after"].get(n) for n in ("10", "50", "100")]
            off = [row["first"], *some, row["largest"]]
            cells = ["-" if number is None else f"{number:.1e}" for number in off]
            if way == WAYS[0]:
                cells = ["-"] * 5
            lines.append(
                f"| {batch} | {way} | {row['elbo']:.2f} | {row['bound']:.2f} | "
                + " | ".join(cells)
                + " |"
            )
    return [*lines, ""]


def main() -> None:
    """Measure both, or one, and write the table and the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("precision", "steps"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--images", type=int, default=6_000)
    parser.add_argument("--batches", type=int, nargs="+", default=[20, 128, 512])
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    given = parser.parse_args()
    path, today = given.out / "parity.json", date.today().isoformat()
    found: dict[str, Any] = json.loads(path.read_text()) if given.only and path.exists() else {}
    found["machine"] = f"{processor()}, {os.cpu_count()} cores"
    found["torch"], found["threads"] = torch.__version__, torch.get_num_threads()
    if given.only != "precision":
        found["steps"] = {"date": today, "images": given.images, "batches": {}}
        for batch in given.batches:
            ran = {way: steps(way, batch, given.images) for way in WAYS}
            ways = {way: apart(heard, ran[WAYS[0]]) for way, heard in ran.items()}
            found["steps"]["batches"][str(batch)] = ways
            print(batch, json.dumps(ways), flush=True)
        write(found, given.out)
    if given.only != "steps":
        before = found.get("precision", {"epochs": given.epochs, "runs": []})
        if before["epochs"] != given.epochs:
            raise SystemExit(f"What is there is of {before['epochs']} epochs: leave --only out.")
        kept = [row for row in before["runs"] if row["seed"] not in given.seeds]
        found["precision"] = {"date": today, "epochs": given.epochs, "runs": kept}
        for seed in given.seeds:
            row = {"seed": seed} | {kind: precision(kind, seed, given.epochs) for kind in KINDS}
            found["precision"]["runs"].append(row)
            print(json.dumps(row), flush=True)
            write(found, given.out)


def write(found: dict[str, Any], out: Path) -> None:
    """Write the numbers and the page of what there is."""
    (out / "parity.json").write_text(json.dumps(found, indent=2) + "\n")
    (out / "parity.md").write_text(text(found))


if __name__ == "__main__":
    main()
