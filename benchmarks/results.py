"""Repeat the numbers of the README on full MNIST, one command line per row.

    LATENTIA_DATA=... python benchmarks/results.py                # all rows; hours on 2 cores
    LATENTIA_DATA=... python benchmarks/results.py --only iwae-vae

A row that has been trained and evaluated in --runs is not run again. The table goes to
benchmarks/results/mnist.json and mnist.md, with the commands, the seed, the versions, the device
and the date of every row.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
GREY = "greyscale cross-entropy"
BINARY = "dynamic binarization"


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Arguments:
        name: Name of the row and of its run folder.
        what: What it is, in words.
        train: Arguments of `latentia train`.
        evaluate: Arguments of `latentia evaluate`.
        convention: What the numbers are of.
        reference: A number to hold it against, with its source.
    """

    name: str
    what: str
    train: str
    evaluate: str
    convention: str
    reference: str = ""


_ORIGINAL = {2: "146.81 (140.13 + 6.68)", 20: "105.13 (81.23 + 23.90)"}
ROWS = [
    *(
        Row(
            f"preset-{z}",
            f"preset tensorflow-mnist-vae, {z} latents",
            f"mnist --preset tensorflow-mnist-vae --latent-dim {z} --seed 0",
            "--importance 0",
            GREY,
            f"{_ORIGINAL[z]}: the original code" if z in _ORIGINAL else "",
        )
        for z in (2, 5, 10, 20)
    ),
    *(
        Row(
            f"default-{z}",
            f"Latentia's default, {z} latents, 20 epochs",
            f"mnist --binarize none --latent-dim {z} --epochs 20 --seed 0",
            "--importance 0",
            GREY,
            f"{_ORIGINAL[z]}: the original code" if z in _ORIGINAL else "",
        )
        for z in (2, 5, 10, 20)
    ),
    Row(
        "iwae-vae",
        "VAE 2x200 tanh, 50 latents, 100 epochs",
        "mnist --preset iwae-vae --seed 0",
        "--importance 5000",
        BINARY,
        "86.76: Burda et al. (2016), 3,280 epochs",
    ),
    Row(
        "default-mnist",
        "Latentia's default (2 latents, 50 epochs)",
        "mnist --seed 0",
        "--importance 1000",
        BINARY,
    ),
    Row(
        "default-fashion",
        "Latentia's default (2 latents, 50 epochs)",
        "fashion-mnist --seed 0",
        "--importance 1000",
        f"{BINARY}, Fashion-MNIST",
    ),
]


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/results"))
    parser.add_argument("--only", nargs="*", default=[row.name for row in ROWS])
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    for row in ROWS:
        if row.name in given.only:
            run_row(row, given.runs / row.name)
    found = [collect(row, given.runs / row.name) for row in ROWS]
    write([numbers for numbers in found if numbers])


def run_row(row: Row, folder: Path) -> None:
    """Train and evaluate one row, unless that has been done."""
    if (folder / "evaluation-test.json").exists():
        return
    latentia = [sys.executable, "-m", "latentia"]
    print(f"== {row.name}: latentia train {row.train}", flush=True)
    subprocess.run(
        [*latentia, "train", *row.train.split(), "--out", folder, "--force"], check=True
    )
    subprocess.run([*latentia, "evaluate", folder, *row.evaluate.split()], check=True)


def collect(row: Row, folder: Path) -> dict[str, Any] | None:
    """Return the numbers of one row, or None if it has not been run."""
    path = folder / "evaluation-test.json"
    if not path.exists():
        return None
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").open()]
    seconds = [m["seconds"] for m in metrics if m["split"] == "train"]
    config = json.loads((folder / "config.json").read_text())
    return {
        "name": row.name,
        "what": row.what,
        "convention": row.convention,
        "reference": row.reference,
        "commands": [
            f"latentia train {row.train} --out {row.name}",
            f"latentia evaluate {row.name} {row.evaluate}",
        ],
        "numbers": json.loads(path.read_text()),
        "epochs": len(seconds),
        "training_seconds": round(sum(seconds), 1),
        "n_train": config["data"]["n_train"],
        "data_sha256": config["data"]["data_schema"]["sha256"],
        "latentia": config["latentia"],
        "torch": torch.__version__,
        "device": f"CPU {platform.machine()}",
        "date": date.fromtimestamp(path.stat().st_mtime).isoformat(),
    }


def write(found: list[dict[str, Any]]) -> None:
    """Write the table as JSON and Markdown."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / "mnist.json").write_text(json.dumps(found, indent=1) + "\n")
    lines = ["# Results on full MNIST", ""]
    lines += ["Test set, nats per example, lower is better. Made by `benchmarks/results.py`.", ""]
    for convention in dict.fromkeys(row["convention"] for row in found):
        lines += [f"## {convention[0].upper()}{convention[1:]}", ""]
        lines += table([row for row in found if row["convention"] == convention])
    (folder / "mnist.md").write_text("\n".join(lines))
    print(f"wrote {folder / 'mnist.md'}")


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return one convention's rows as Markdown, with their commands."""
    likelihood = any(row["numbers"]["log_likelihood"] is not None for row in rows)
    extra = " -log p(x) ± s.e. (k) |" if likelihood else ""
    lines = [f"| model | -ELBO | = -reconstruction | + KL |{extra} active | reference |"]
    lines += ["|---|---|---|---|" + ("---|" if likelihood else "") + "---|---|"]
    for row in rows:
        n = row["numbers"]
        cells = [row["what"], -n["elbo"], -n["reconstruction"], n["kl"]]
        written = [cell if isinstance(cell, str) else f"{cell:.2f}" for cell in cells]
        if likelihood:
            estimate, error = -n["log_likelihood"], n["standard_error"]
            written.append(f"{estimate:.2f} ± {error:.2f} ({n['n_importance']})")
        written += [str(n["active_units"]), row["reference"] or "-"]
        lines.append("| " + " | ".join(written) + " |")
    lines += ["", "```"]
    lines += [command for row in rows for command in row["commands"]]
    return [*lines, "```", ""]


if __name__ == "__main__":
    main()
