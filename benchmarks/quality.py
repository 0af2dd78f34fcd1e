"""How samples of the pretrained models look beside real images: one command line per row.

    LATENTIA_DATA=... python benchmarks/quality.py
    LATENTIA_DATA=... python benchmarks/quality.py --only vampprior gated-vae

Every model of pretrained/ is compared, and an autoencoder with and without a prior that fits,
which is trained into --runs first (a few minutes). The table goes to
benchmarks/results/quality.json and quality.md; a row that is not asked for stays as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import torch

import latentia
from latentia.feature._classifier import WEIGHTS

HERE = Path(__file__).parent
KEPT = HERE.parent / "pretrained"
N, SEED = 10_000, 0


@dataclass(frozen=True)
class Row:
    """One model.

    Arguments:
        name: Its folder.
        what: What it is, in words.
        make: The commands that make it in --runs; none for one of pretrained/.
    """

    name: str
    what: str
    make: tuple[str, ...] = ()


ROWS = [
    Row("iwae-vae", "VAE, 2x200 tanh, 50 latents"),
    Row("gated-vae", "VAE, gated 300-300, 40 latents"),
    Row("vampprior", "the same with a VampPrior"),
    Row("flow-prior", "VAE, 2x500 SiLU, 40 latents, prior of coupling layers"),
    Row("cvae", "VAE of p(x\\|label), 10 latents, under the labels of the test digits"),
    Row(
        "autoencoder",
        "autoencoder, 10 latents, sampled from a standard normal that it never saw",
        (
            "train mnist --posterior dirac --prior standard-normal --objective.beta 0 "
            "--latent-dim 10 --epochs 10 --seed 0 --out autoencoder",
        ),
    ),
    Row(
        "autoencoder-mixture",
        "the same autoencoder, sampled from a mixture fitted to its latents",
        (
            "fit-prior autoencoder --prior mixture --prior.components 50 --seed 0 "
            "--out autoencoder-mixture",
        ),
    ),
    Row("fashion-gated-vae", "VAE, gated 300-300, 40 latents"),
    Row("fashion-vampprior", "the same with a VampPrior"),
]
VALUES = {
    "draw": "Samples x ~ p(x|z), black and white, beside test images binarized by a coin for "
    "every pixel",
    "mean": "Means E[x|z], grey, beside test images as they are",
}


def main() -> None:
    """Compare the models asked for, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = [row.name for row in ROWS]
    parser.add_argument("--runs", type=Path, default=Path("runs/quality"))
    parser.add_argument("--only", nargs="*", default=names, choices=names, metavar="ROW")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    path = HERE / "results" / "quality.json"
    found = {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    for row in ROWS:
        if row.name in given.only:
            found[row.name] = measured(row, given.runs)
            path.write_text(json.dumps([found[n] for n in names if n in found], indent=1) + "\n")
    write([found[name] for name in names if name in found])


def measured(row: Row, runs: Path) -> dict[str, Any]:
    """Return everything that the table says of one model."""
    if row.make and not (runs / row.name / "model.safetensors").exists():
        for command in row.make:
            print(f"== latentia {command}", flush=True)
            subprocess.run(
                [sys.executable, "-m", "latentia", *command.split()], cwd=runs, check=True
            )
    folder = runs / row.name if row.make else KEPT / row.name
    known = folder / "evaluation-test.json"
    return {
        "name": row.name,
        "what": row.what,
        "commands": [f"latentia {command}" for command in row.make],
        "log_likelihood": json.loads(known.read_text())["log_likelihood"]
        if known.exists()
        else None,
        "numbers": {values: compared(row.name, folder, values) for values in VALUES},
        "latentia": latentia.__version__,
        "torch": torch.__version__,
        "device": f"CPU {platform.machine()}, {os.cpu_count()} cores",
        "date": date.today().isoformat(),
    }


def compared(name: str, folder: Path, values: str) -> dict[str, Any]:
    """Run the command on one model; where the model lies on this machine is nobody's business."""
    asked = ["-n", str(N), "--values", values, "--seed", str(SEED)]
    print(f"== latentia quality {name} {' '.join(asked)}", flush=True)
    command = [sys.executable, "-m", "latentia", "quality", folder, *asked, "--json"]
    said = subprocess.run(
        [*command, "--device", "cpu"], check=True, stdout=subprocess.PIPE, text=True
    )
    numbers: dict[str, Any] = json.loads(said.stdout) | {"run": name}
    return numbers


def write(found: list[dict[str, Any]]) -> None:
    """Write the table as Markdown."""
    lines = [
        "# Samples beside real images",
        "",
        f"{N:,} samples beside the {N:,} test images, in the 64 features of a fixed classifier; "
        "as many training images beside the same test images are the floor. Lower is better for "
        "the squared Fréchet distance (± is the standard error over samples; this is no FID, "
        "whose features are Inception's), higher for the others, which reach to the fifth "
        "neighbour. `one law` is what two sets of one law get on average: density and coverage "
        "exactly, the distance if features were Gaussian. No number here is a likelihood, and "
        "none sees whether samples are copies of training images; log p(x), in nats, is beside "
        "them. Greys and black and white are not to be compared with each other. One seed. Made "
        "by `benchmarks/quality.py`.",
    ]
    for data in dict.fromkeys(row["numbers"]["draw"]["data"] for row in found):
        rows = [row for row in found if row["numbers"]["draw"]["data"] == data]
        for values, title in VALUES.items():
            lines += ["", f"## {data}: {values}", "", f"{title}.", "", *_table(rows, values)]
    lines += ["", "## Commands", "", *_commands(found), "", *_made(found), ""]
    (HERE / "results" / "quality.md").write_text("\n".join(lines))
    print(f"wrote {HERE / 'results' / 'quality.md'}")


def _table(rows: list[dict[str, Any]], values: str) -> list[str]:
    lines = [
        "| | Fréchet^2 | precision | recall | density | coverage | log p(x) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        n, nats = row["numbers"][values], row["log_likelihood"]
        within = f" ± {n['frechet_standard_error']:.2f}"
        lines.append(_line(row["what"], n, within, "" if nats is None else f"{nats:.2f}"))
    n = rows[0]["numbers"][values]
    lines.append(_line("**floor**: training images", n["floor"], "", ""))
    lines.append(
        f"| one law | {n['frechet_bias']:.2f} | | | 1.000 | {n['expected_coverage']:.3f} | |"
    )
    return lines


def _line(name: str, n: dict[str, Any], within: str, nats: str) -> str:
    four = " | ".join(f"{n[key]:.3f}" for key in ("precision", "recall", "density", "coverage"))
    return f"| {name} | {n['frechet_squared']:.2f}{within} | {four} | {nats} |"


def _commands(found: list[dict[str, Any]]) -> list[str]:
    made = [command for row in found for command in row["commands"]]
    asked = [
        f"latentia quality {row['name']} -n {N} --values {values} --seed {SEED}"
        for row in found
        for values in VALUES
    ]
    return ["```", *made, *asked, "```"]


def _made(found: list[dict[str, Any]]) -> list[str]:
    lines = ["Classifiers, trained by `benchmarks/classifier.py` on the training images:", ""]
    seen = {row["numbers"]["draw"]["feature"]["name"]: row["numbers"]["draw"] for row in found}
    for name, numbers in seen.items():
        told = stated(numbers["data"])
        lines.append(
            f"- `{name}`, `{told['command']}`, {told['epochs']} epochs, sha256 "
            f"`{numbers['feature']['sha256']}`: right on {float(told['accuracy']):.2%} of the "
            f"test images in grey, on {float(told['accuracy_binarized']):.2%} of them binarized."
        )
    days = sorted({(row["date"], row["device"]) for row in found})
    return [*lines, "", f"Made on {'; '.join(', '.join(day) for day in days)}."]


def stated(name: str) -> dict[str, str]:
    """Return what a file of weights says of itself."""
    from safetensors import safe_open

    with safe_open(WEIGHTS / f"{name}.safetensors", "pt") as weights:  # type: ignore[no-untyped-call]
        told: dict[str, str] = weights.metadata()
    return told


if __name__ == "__main__":
    main()
