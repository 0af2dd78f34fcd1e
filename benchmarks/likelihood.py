"""The likelihood of models whose numbers are published: one command line per row.

    LATENTIA_DATA=... python benchmarks/likelihood.py --only gated-vae vampprior
    LATENTIA_DATA=... python benchmarks/likelihood.py --keep gated-vae   # into pretrained/

A row that has been trained and evaluated in --runs, or lies in pretrained/, is not run again; one
that was interrupted goes on. The
table goes to benchmarks/results/likelihood.json and likelihood.md, with everything that one needs
to compare a row with another's: data and binarization, what chose the epoch, steps, parameters,
the estimator with its error and its effective sample size, the command, the seed and the device.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open

from latentia import room

HERE = Path(__file__).parent
KEPT = HERE.parent / "pretrained"


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Arguments:
        name: Name of the row and of its run folder.
        what: What it is, in words.
        train: Arguments of `latentia train`.
        published: The published number and whose it is.
        evaluate: Arguments of `latentia evaluate`; a ladder's samples are dear.
    """

    name: str
    what: str
    train: str
    published: str
    evaluate: str = "--importance 5000"


BURDA = "86.76 (Burda et al., 2016; 3,280 epochs)"
NVAE = "78.01 (Vahdat and Kautz, 2020; 42 GPU-hours)"
NOROUZI = "Norouzi et al., 2020"
FLOW = "80.43 (Xu et al., 2019, a dense VAE; recalled, not looked up)"
# float32 where a GPU would choose bfloat16; --max-time where a run was to end with its schedule.
ROWS = [
    Row(
        "iwae-vae",
        "VAE, 2x200 tanh, 50 latents, 100 epochs",
        "mnist --preset iwae-vae --seed 0",
        BURDA,
    ),
    Row(
        "vae-long",
        "VAE, 2x200 tanh, 50 latents, 1,200 epochs of larger batches",
        "mnist --preset vae-long --seed 0",
        BURDA,
    ),
    Row(
        "vae-long-h200",
        "VAE, 2x200 tanh, 50 latents, 1,148 epochs of larger batches",
        "mnist --preset iwae-vae --epochs 1500 --batch-size 256 --learning-rate 2e-3 "
        "--precision float32 --seed 0 --max-time 330",
        BURDA,
    ),
    Row(
        "iwae-5-long",
        "IWAE, k = 5, 2x200 tanh, 50 latents, 1,595 epochs of larger batches",
        "mnist --preset iwae-vae --objective iwae --objective.samples 5 --epochs 1800 "
        "--batch-size 256 --learning-rate 2e-3 --precision float32 --compile yes --seed 0 "
        "--max-time 400",
        "85.54 (Burda et al., 2016; 3,280 epochs)",
    ),
    Row(
        "iwae-5",
        "IWAE, k = 5, 2x200 tanh, 50 latents, 400 epochs",
        "mnist --preset iwae-vae --objective iwae --objective.samples 5 --epochs 400 "
        "--batch-size 128 --precision float32 --seed 0",
        "85.54 (Burda et al., 2016; 3,280 epochs)",
    ),
    Row(
        "gated-vae-250",
        "VAE, gated 300-300, 40 latents, 250 epochs",
        "mnist --preset gated-vae --epochs 250 --objective.warmup 30 --seed 0",
        f"84.45 ({NOROUZI})",
    ),
    Row(
        "gated-vae",
        "VAE, gated 300-300, 40 latents, 1,000 epochs",
        "mnist --preset gated-vae --precision float32 --seed 0",
        f"84.45 ({NOROUZI})",
    ),
    Row(
        "vampprior-200",
        "the same with a VampPrior of 500 pseudo-inputs, 200 epochs",
        "mnist --preset vampprior --epochs 200 --seed 0",
        f"82.43 ({NOROUZI})",
    ),
    Row(
        "vampprior",
        "the same with a VampPrior of 500 pseudo-inputs, 310 epochs",
        "mnist --preset vampprior --epochs 600 --precision float32 --seed 0 --max-time 72",
        f"82.43 ({NOROUZI})",
    ),
    Row(
        "flow-prior-long",
        "VAE, 2x500 SiLU, 40 latents, prior of 10 coupling layers, 800 epochs, mean of weights",
        "mnist --preset flow-prior-long --seed 0",
        FLOW,
    ),
    Row(
        "flow-prior-h200",
        "VAE, 2x500 SiLU, 40 latents, prior of 10 coupling layers, 798 epochs, mean of weights",
        "mnist --preset flow-prior --epochs 1100 --batch-size 500 --learning-rate 2e-3 "
        "--average 0.999 --precision float32 --seed 0 --max-time 400",
        FLOW,
    ),
    Row(
        "flow-prior",
        "VAE, 2x500 SiLU, 40 latents, prior of 10 coupling layers, 400 epochs",
        "mnist --preset flow-prior --precision float32 --seed 0",
        FLOW,
    ),
    Row(
        "ladder",
        "a ladder of 8 groups on maps up to 7x7, 70 epochs",
        "mnist --preset ladder --precision float32 --seed 0",
        NVAE,
        "--importance 50",
    ),
    Row(
        "deep-ladder",
        "a ladder of 15 groups on maps up to 14x14, 75 epochs",
        "mnist --preset deep-ladder --precision bfloat16 --compile yes --seed 0",
        NVAE,
        "--importance 20",
    ),
    Row(
        "fashion-gated-vae",
        "Fashion-MNIST: VAE, gated 300-300, 40 latents, 400 epochs",
        "fashion-mnist --preset gated-vae --epochs 400 --objective.warmup 30 "
        "--precision float32 --seed 0",
        f"228.70 ({NOROUZI})",
    ),
    Row(
        "fashion-vampprior",
        "Fashion-MNIST: the same with a VampPrior of 500 pseudo-inputs, 313 epochs",
        "fashion-mnist --preset vampprior --epochs 400 --precision float32 --seed 0 --max-time 72",
        f"227.35 ({NOROUZI})",
    ),
]


def main() -> None:
    """Run what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/likelihood"))
    names = [row.name for row in ROWS]
    parser.add_argument("--only", nargs="*", default=names, choices=names, metavar="ROW")
    parser.add_argument("--keep", nargs="*", default=[], choices=names, metavar="ROW")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    for row in ROWS:
        if row.name in given.only and row.name not in given.keep:
            run(row, given.runs / row.name)
    for row in ROWS:
        if row.name in given.keep:
            keep(given.runs / row.name, KEPT / row.name)
    path = HERE / "results" / "likelihood.json"
    known = {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    curves()
    found = [collect(row, given.runs) or known.get(row.name) for row in ROWS]
    # When and where a row was made is told once; a clone's files are of the day of the clone.
    kept = ("date", "device", "torch", "commit")
    write(
        [
            row | {key: known[row["name"]].get(key) for key in kept if row["name"] in known}
            for row in found
            if row
        ]
    )


def run(row: Row, folder: Path) -> None:
    """Train and evaluate one row, unless that has been done."""
    if any((place / "evaluation-test.json").exists() for place in (folder, KEPT / row.name)):
        return
    latentia = [sys.executable, "-m", "latentia"]
    print(f"== {row.name}: latentia train {row.train}", flush=True)
    train = ["train", *row.train.split()] if not folder.exists() else ["train", "--resume"]
    subprocess.run([*latentia, *train, "--out", folder], check=True)
    subprocess.run([*latentia, "evaluate", folder, *row.evaluate.split()], check=True)


def keep(run_folder: Path, kept: Path) -> None:
    """Copy what makes a run a run, without checkpoints and figures."""
    kept.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors", "metrics.jsonl", "README.md"):
        shutil.copyfile(run_folder / name, kept / name)
    # Where it lay on this machine is nobody's business.
    numbers = json.loads((run_folder / "evaluation-test.json").read_text()) | {"run": kept.name}
    (kept / "evaluation-test.json").write_text(json.dumps(numbers, indent=2) + "\n")


def collect(row: Row, runs: Path) -> dict[str, Any] | None:
    """Return everything that the table says of one row, or None if it has not been run."""
    places = (runs / row.name, KEPT / row.name)
    folder = next((p for p in places if (p / "evaluation-test.json").exists()), None)
    if folder is None:
        return None
    config = json.loads((folder / "config.json").read_text())
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").open()]
    rows = [m for m in metrics if m["split"] == "train"]
    training, data = config["training"], config["data"]
    with safe_open(folder / "model.safetensors", "pt") as weights:  # type: ignore[no-untyped-call]
        sizes = [weights.get_slice(key).get_shape() for key in weights.keys()]  # noqa: SIM118
    return {
        "name": row.name,
        "what": row.what,
        "published": row.published,
        "commands": [
            f"latentia train {row.train} --out {row.name}",
            f"latentia evaluate {row.name} {row.evaluate}",
        ],
        "numbers": _numbers(folder) | {"run": row.name},
        "parameters": sum(torch.Size(size).numel() for size in sizes),
        "split": f"{data['n_train']:,} train, {data['n_validation']:,} validation",
        "chosen_by": "validation ELBO",
        "decoder": "autoregressive" if _sees_pixels(config) else "independent",
        "epochs": len(rows),
        "steps": len(rows) * ceil(data["n_train"] / training["batch_size"]),
        "batch_size": training["batch_size"],
        "precision": training.get("precision", "float32"),
        "average": training.get("average"),
        "seed": training["seed"],
        "training_seconds": round(sum(m["seconds"] for m in rows)),
        "data_sha256": data["data_schema"]["sha256"],
        "latentia": config["latentia"],
        "torch": torch.__version__,
        "commit": _commit(),
        "device": _device(),
        "date": date.fromtimestamp((folder / "evaluation-test.json").stat().st_mtime).isoformat(),
    }


def _numbers(folder: Path) -> dict[str, Any]:
    """Return the numbers of a run; of thousands of latents not each one's."""
    numbers: dict[str, Any] = json.loads((folder / "evaluation-test.json").read_text())
    if len(numbers.get("kl_per_dim") or ()) > 100:
        del numbers["kl_per_dim"]
    return numbers


def _sees_pixels(config: dict[str, Any]) -> bool:
    """Return whether a pixel is given those before it, so that z may be ignored."""
    name = config["model"]["likelihood"]["name"]
    return bool(room.load("likelihood", name).autoregressive)


def _commit() -> str:
    """Return the state of the code that made a row."""
    words = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(
        words, cwd=HERE, check=True, capture_output=True, text=True
    ).stdout.strip()


def _device() -> str:
    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    return f"CPU {platform.machine()}, {os.cpu_count()} cores"


def write(found: list[dict[str, Any]]) -> None:
    """Write the table as JSON and Markdown."""
    (HERE / "results" / "likelihood.json").write_text(json.dumps(found, indent=1) + "\n")
    lines = [
        "# Likelihoods, dynamic binarization",
        "",
        "MNIST, or Fashion-MNIST where it says so. Test set of 10,000 images, each binarized "
        "once with the seed of the evaluation; nats per example, lower is better. Importance "
        "sampling from q with k samples; ± is the standard error over images, which all models "
        "of a set share. 55,000 are trained on, and 5,000 choose the epoch: the published "
        "numbers are of other splits and schedules. One seed each. A decoder is independent "
        "where pixels are so given z. Made by `benchmarks/likelihood.py`.",
        "",
        "| model | decoder | published | -log p(x) | k | median ESS | -ELBO | = -reconstruction "
        "| + KL | active |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        n = row["numbers"]
        cells = [
            row["what"],
            row["decoder"],
            row["published"],
            f"{-n['log_likelihood']:.2f} ± {n['standard_error']:.2f}",
            str(n["n_importance"]),
            f"{n['ess_median']:.0f}",
            f"{-n['elbo']:.2f}",
            f"{-n['reconstruction']:.2f}",
            f"{n['kl']:.2f}",
            str(n["active_units"]),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| model | parameters | epochs | steps of | seconds of training | precision | made |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['what']} | {row['parameters']:,} | {row['epochs']:,} | {row['steps']:,} of "
        f"{row['batch_size']} | {row['training_seconds']:,} | {row['precision']} | "
        f"{row['date']}, {row['device']} |"
        for row in found
    ]
    lines += ["", "![The bounds of the ladders over minutes of training](ladder.png)"]
    lines += ["", "```", *(command for row in found for command in row["commands"]), "```", ""]
    (HERE / "results" / "likelihood.md").write_text("\n".join(lines))
    print(f"wrote {HERE / 'results' / 'likelihood.md'}")


def curves() -> None:
    """Draw how the ladders' bounds rise with what they cost."""
    from latentia.figure import _style

    names = [name for name in ("ladder", "deep-ladder") if (KEPT / name).exists()]
    with _style.style():
        figure = _style.new_figure(2.6)
        ax = figure.subplots()
        for name, colour in zip(names, (_style.ACCENT, _style.SECOND), strict=False):
            rows = [json.loads(line) for line in (KEPT / name / "metrics.jsonl").open()]
            held = [row for row in rows if row["split"] == "validation"]
            minutes = np.cumsum([row["seconds"] for row in held]) / 60
            ax.plot(minutes, [row["elbo"] for row in held], color=colour, label=name)
        ax.set(xscale="log", xlabel="minutes of training", ylabel="validation ELBO, nats")
        ax.set_ylim(-120, None)
        ax.legend(loc="lower right")
        _style.save(figure, HERE / "results" / "ladder.png")


if __name__ == "__main__":
    main()
