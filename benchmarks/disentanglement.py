"""Disentanglement on the sprites: a VAE, a beta-VAE and a beta-TCVAE by every measure.

    python benchmarks/disentanglement.py [--seeds 0 1] [--runs runs/disentanglement]

A run that has been trained in --runs is not trained again. The table goes to
benchmarks/results/disentanglement.json and disentanglement.md. These are short runs of a small
network, made to hold the measures against each other, and not to reach what is published.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

import latentia

HERE = Path(__file__).parent
COMMON = "sprites --latent-dim 10 --network.hidden 256,256 --epochs 20"
ROWS = {
    "VAE": "",
    "beta-VAE, beta = 4": "--objective.beta 4",
    "beta-TCVAE, beta = 6": "--objective total-correlation --objective.beta 6",
}
MEASURES = {
    "mig": "MIG",
    "mig_binned": "MIG in bins",
    "dci_disentanglement": "DCI: disentanglement",
    "dci_completeness": "completeness",
    "dci_informativeness": "informativeness",
    "sap": "SAP",
    "factor_vae": "FactorVAE",
    "active_units": "active",
}


def main() -> None:
    """Train and measure what is missing, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=Path("runs/disentanglement"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    rows = [
        measured(name, seed, given.runs / f"{number}-{seed}")
        for number, name in enumerate(ROWS)
        for seed in given.seeds
    ]
    found = {
        "rows": rows,
        "date": date.today().isoformat(),
        "device": f"CPU {platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
        "latentia": latentia.__version__,
    }
    (HERE / "results" / "disentanglement.json").write_text(json.dumps(found, indent=1) + "\n")
    seeds = " ".join(map(str, given.seeds))
    when = f"{found['date']}, {found['device']}, torch {found['torch']}"
    (HERE / "results" / "disentanglement.md").write_text(table(rows, seeds, when))


def measured(name: str, seed: int, folder: Path) -> dict[str, Any]:
    """Train one model unless that has been done, and measure it.

    Arguments:
        name: One of `ROWS`.
        seed: Of the training.
        folder: Of the run.
    """
    call = [sys.executable, "-m", "latentia"]
    train = f"{COMMON} {ROWS[name]} --seed {seed}".replace("  ", " ")
    if not (folder / "evaluation-test.json").exists():
        print(f"== latentia train {train}", flush=True)
        subprocess.run([*call, "train", *train.split(), "--out", folder, "--force"], check=True)
        subprocess.run([*call, "evaluate", folder, "--importance", "0"], check=True)
    kept = folder / "disentanglement.json"
    if not kept.exists():
        said = subprocess.run(
            [*call, "disentanglement", folder, "--json"], check=True, capture_output=True
        )
        kept.write_bytes(said.stdout)
    numbers = json.loads(kept.read_text())
    bound = json.loads((folder / "evaluation-test.json").read_text())
    return {
        "name": name,
        "seed": seed,
        "train": f"latentia train {train}",
        **{key: bound[key] for key in ("elbo", "reconstruction", "kl")},
        **{key: numbers[key] for key in (*MEASURES, "factors", "information", "n_examples")},
    }


def table(rows: list[dict[str, Any]], seeds: str, when: str) -> str:
    """Return the rows as Markdown: of every model each seed, and what is told of each factor."""
    which = (
        f"The mean of seeds {seeds}, and each of them"
        if " " in seeds
        else f"One seed, {seeds}, so that a difference between two rows may be the seed's"
    )
    lines = [
        "# Disentanglement on the sprites",
        "",
        f"{which}. All {rows[0]['n_examples']:,} sprites; {when}. The ELBO and its parts are of "
        "the test part, in nats per example, of the true bound (beta = 1).",
        "",
        "| model | " + " | ".join(MEASURES.values()) + " | ELBO = reconstruction - KL |",
        "|---|" + "---|" * (len(MEASURES) + 1),
    ]
    told = []
    for name in ROWS:
        own = [row for row in rows if row["name"] == name]
        cells = [_cell([row[key] for row in own], key) for key in MEASURES]
        parts = [np.mean([row[key] for row in own]) for key in ("elbo", "reconstruction", "kl")]
        cells.append("{:.2f} = {:.2f} - {:.2f}".format(*parts))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        most = np.mean([np.max(row["information"], axis=0) for row in own], axis=0)
        told.append(f"| {name} | " + " | ".join(f"{nats:.2f}" for nats in most) + " |")
    factors = rows[0]["factors"]
    lines += [
        "",
        "What the best single latent tells of each factor, z ~ q(z|x), in nats:",
        "",
        "| model | " + " | ".join(factors) + " |",
        "|---|" + "---|" * len(factors),
        *told,
        "| entropy | " + " | ".join(f"{nats:.2f}" for nats in factors.values()) + " |",
        "",
        "```",
        *(row["train"] for row in rows),
        f"python benchmarks/disentanglement.py --seeds {seeds}",
        "```",
        "",
    ]
    return "\n".join(lines)


def _cell(values: list[float], key: str) -> str:
    """Return the mean of the seeds, and each of them."""
    form = "{:g}" if key == "active_units" else "{:.3f}"
    each = ", ".join(form.format(value) for value in values)
    return f"{form.format(float(np.mean(values)))} ({each})" if len(values) > 1 else each


if __name__ == "__main__":
    main()
