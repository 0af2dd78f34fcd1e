"""How samples of the pretrained models look beside real images: one command line per row.

    LATENTIA_DATA=... python benchmarks/quality.py
    LATENTIA_DATA=... python benchmarks/quality.py --only vampprior gated-vae

Every model of pretrained/ is compared, and an autoencoder with and without a prior that fits,
which is trained into --runs first (a few minutes). The table goes to
benchmarks/results/quality.json and quality.md; a row that is not asked for stays as it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import latentia as lt
from latentia import room
from latentia.config import DataRecord
from latentia.estimator._quality import Comparison, Values, kind_of, quality_of
from latentia.evaluation.quality import feature_for
from latentia.feature._classifier import WEIGHTS
from latentia.feature.base import Extract, Feature
from latentia.request import load_again, split_data

HERE = Path(__file__).parent
KEPT = HERE.parent / "pretrained"
N, NEIGHBOURS, SEED = 10_000, 5, 0


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
            "--latent-dim 10 --epochs 5 --seed 0 --out autoencoder",
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
VALUES: dict[Values, str] = {
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
    parser.add_argument("--values", nargs="*", default=list(VALUES), choices=list(VALUES))
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    path = HERE / "results" / "quality.json"
    found = {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    for values in given.values:
        for row in (row for row in ROWS if row.name in given.only):
            folder = made(row, given.runs)
            numbers = found.get(row.name, {}).get("numbers", {})
            print(f"== {row.name}: {values}", flush=True)
            numbers = numbers | {values: compared(folder, values)}
            found[row.name] = described(row, folder) | {"numbers": numbers}
            path.write_text(json.dumps([found[n] for n in names if n in found], indent=1) + "\n")
    write([found[name] for name in names if name in found])


def made(row: Row, runs: Path) -> Path:
    """Return the folder of a model, which is made where it is not there."""
    if row.make and not (runs / row.name / "model.safetensors").exists():
        for command in row.make:
            print(f"== latentia {command}", flush=True)
            argv = [sys.executable, "-m", "latentia", *command.split()]
            subprocess.run(argv, cwd=runs, check=True)
    return runs / row.name if row.make else KEPT / row.name


def described(row: Row, folder: Path) -> dict[str, Any]:
    """Return what the table says of one model beside the comparison."""
    path = folder / "evaluation-test.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    return {
        "name": row.name,
        "what": row.what,
        "commands": [f"latentia {command}" for command in row.make],
        "log_likelihood": known.get("log_likelihood"),
        "latentia": lt.__version__,
        "torch": torch.__version__,
        "device": f"CPU {platform.machine()}, {os.cpu_count()} cores",
        "date": date.today().isoformat(),
    }


def compared(folder: Path, values: Values) -> dict[str, Any]:
    """Return what `latentia quality` says, with the features of real images worked out once."""
    model = lt.load(folder, device="cpu")
    record = model.config_.data
    x, other, c = parts(record.model_dump_json())
    feature, name = remembered(record.request), feature_for(record.request)
    how = Comparison(feature, N, NEIGHBOURS, values, SEED)
    found = quality_of(model.under(c) if record.schema_.conditions else model, x, other, how)
    return {
        **found.summary(),
        "feature": {"name": name, "sha256": room.load("feature", name).sha256},
        "values": values,
        "kind": kind_of(model, values),
        "data": record.request,
        "split": "test",
        "floor_of": "training examples",
        "seed": SEED,
    }


@cache
def parts(record: str) -> tuple[Any, Any, Any]:
    """Return the test images of a run, its training images and the conditions of the former."""
    written = DataRecord.model_validate_json(record)
    data, request = load_again(written, instead="train the models again")
    rows = split_data(data, request)
    c = None if data.c is None else data.c[rows["test"]]
    return data.x[rows["test"]], data.x[rows["train"]], c


class Remembered(Feature):
    """A feature that works out once what it is given again.

    Arguments:
        feature: One whose numbers do not depend on the reference.
    """

    def __init__(self, feature: Feature) -> None:
        self.feature = feature
        self.known: dict[str, Any] = {}

    def of(self, reference: Tensor) -> Extract:
        """Return the function from images to features."""
        extract = self.feature.of(reference)

        def look(x: Tensor) -> Any:
            key = hashlib.sha256(x.numpy().tobytes()).hexdigest()
            if key not in self.known:
                self.known[key] = extract(x)
            return self.known[key]

        return look


@cache
def remembered(request: str) -> Remembered:
    """Return the classifier's features of a data set."""
    return Remembered(room.build("feature", feature_for(request)))


def write(found: list[dict[str, Any]]) -> None:
    """Write the table as Markdown."""
    path = HERE / "results" / "quality.md"
    path.write_text(table(found))
    print(f"wrote {path}")


def table(found: list[dict[str, Any]]) -> str:
    """Return the table as Markdown."""
    lines = [
        "# Samples beside real images",
        "",
        f"{N:,} samples beside the {N:,} test images, in the 64 features of a fixed classifier; "
        "as many training images beside the same test images are the floor (the classifier has "
        "seen the former and not the latter, which is a part of it). Lower is better for the "
        "squared Fréchet distance (± is the standard error over samples; this is no FID, whose "
        "features are Inception's), higher for the others, which reach to the fifth neighbour. "
        "`one law` is what two sets of one law get on average: density and coverage exactly, the "
        "distance if features were Gaussian. No number here is a likelihood, and none sees "
        "whether samples are copies of training images; log p(x), in nats, is beside them. Greys "
        "and black and white are not to be compared with each other. One seed. Made by "
        "`benchmarks/quality.py`.",
    ]
    for data in dict.fromkeys(_data(row) for row in found):
        for values, title in VALUES.items():
            rows = [row for row in found if _data(row) == data and values in row["numbers"]]
            if rows:
                lines += ["", f"## {data}: {values}", "", f"{title}.", "", *_table(rows, values)]
    lines += ["", "## Commands", "", *_commands(found), "", *_made(found), ""]
    return "\n".join(lines)


def _data(row: dict[str, Any]) -> str:
    return str(next(iter(row["numbers"].values()))["data"])


def _table(rows: list[dict[str, Any]], values: str) -> list[str]:
    lines = [
        "| | Fréchet^2 | precision | recall | density | coverage | log p(x) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        n, nats = row["numbers"][values], row["log_likelihood"]
        within = f" ± {n['frechet_standard_error']:.2f}"
        given = " (given the label)" if "label" in row["what"] else ""
        lines.append(_line(row["what"], n, within, "" if nats is None else f"{nats:.2f}{given}"))
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
        f"latentia quality {'' if row['commands'] else 'pretrained/'}{row['name']} -n {N} "
        f"--values {values} --seed {SEED}"
        for row in found
        for values in row["numbers"]
    ]
    return ["```", *made, *asked, "```"]


def _made(found: list[dict[str, Any]]) -> list[str]:
    lines = ["Classifiers, trained by `benchmarks/classifier.py` on the training images:", ""]
    every = [numbers for row in found for numbers in row["numbers"].values()]
    for name, numbers in {one["feature"]["name"]: one for one in every}.items():
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
