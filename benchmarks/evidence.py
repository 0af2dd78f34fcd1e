"""One model's log p(x) by every estimator: a table in results/evidence.md.

    LATENTIA_DATA=... python benchmarks/evidence.py     # half an hour on 2 cores

Three models on MNIST's test digits, one black-and-white draw of each: two planes of latents, where
quadrature is the truth, and `pretrained/iwae-vae` with 50 latents, where annealed importance
sampling is certified by the sandwich on data drawn from the model.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from datetime import date
from pathlib import Path
from typing import Any

import torch

import latentia as lt
from latentia import lab, room
from latentia.estimator.base import Estimator
from latentia.evaluation.likelihood import LogLikelihood, log_likelihood
from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional

__all__ = ["measure"]

HERE = Path(__file__).parent
WRITTEN: dict[str, list[dict[str, Any]]] = {
    "2 latents": [
        {"name": "quadrature"},
        {"name": "annealed", "temperatures": 500},
        {"name": "defensive", "samples": 5000},
        {"name": "importance", "samples": 5000},
        {"name": "naive", "samples": 5000},
    ],
    "2 latents, trained by IWAE": [
        {"name": "quadrature"},
        {"name": "annealed", "temperatures": 500},
        {"name": "defensive", "samples": 5000},
        {"name": "importance", "samples": 5000},
        {"name": "naive", "samples": 5000},
    ],
    "50 latents": [
        {"name": "annealed", "temperatures": 500, "start": "posterior"},
        {"name": "annealed", "temperatures": 500},
        {"name": "defensive", "samples": 5000},
        {"name": "importance", "samples": 5000},
        {"name": "naive", "samples": 5000},
    ],
}


def measure(model: Estimator, x: Any, written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Estimate log p(x) by several estimators; the first is what the others are held against.

    Arguments:
        model: A trained VAE.
        x: Examples (n, ...); all estimators see the same binarization.
        written: The estimators, as the evidence room writes them.

    Returns:
        For each its `summary`, its difference from the first (paired, with the standard error
        over examples) and the seconds it took.
    """
    found: list[LogLikelihood] = []
    rows = []
    for spec in written:
        started = time.perf_counter()
        estimator = room.build("evidence", spec)
        found.append(log_likelihood(model.model_, model.examples(x), estimator))
        gap = found[-1].each - found[0].each
        rows.append(
            {
                **room.spec("evidence", spec),
                **found[-1].summary(),
                "difference": float(gap.mean()),
                "difference_error": float(gap.std() / len(gap) ** 0.5),
                "difference_median": float(gap.median()),
                "share_within_a_tenth": float((gap.abs() < 0.1).double().mean()),
                "seconds": time.perf_counter() - started,
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def _table(title: str, block: dict[str, Any]) -> list[str]:
    lines = [
        f"## {title}",
        "",
        f"{block['n']} test digits, one draw each. Differences are paired with the first row, in "
        "brackets their standard error over digits; beside them the estimator's own error by the "
        "delta method. An encoder that misses a mode of p(z|x) makes importance sampling low on a "
        "few digits, and its own error cannot tell.",
        "",
        "| estimator | log p(x) | difference | own error | median difference | "
        "within 0.1 nats | median ESS | seconds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in block["estimators"]:
        samples = "-" if row["ess_median"] is None else f"{row['ess_median']:.0f}"
        lines.append(
            f"| {_name(row)} | {row['log_likelihood']:.3f} | {row['difference']:+.3f} "
            f"({row['difference_error']:.3f}) | {row['monte_carlo_error']:.3f} | "
            f"{row['difference_median']:+.3f} | {row['share_within_a_tenth']:.0%} | {samples} | "
            f"{row['seconds']:.0f} |"
        )
    rungs = next(row["ladder"] for row in block["estimators"] if row["name"] == "importance")
    ladder = ", ".join(f"{rung['log_likelihood']:.2f} (k = {rung['k']})" for rung in rungs)
    sandwich = block["sandwich"]
    return [
        *lines,
        "",
        f"The ladder of importance sampling: {ladder}.",
        "",
        f"The sandwich on {sandwich['n']} examples drawn from the model: between "
        f"{sandwich['lower']:.3f} and {sandwich['upper']:.3f}, gap {sandwich['gap']:.3f} "
        f"({sandwich['gap_standard_error']:.3f}).",
        "",
    ]


def _name(row: dict[str, Any]) -> str:
    shown = {"samples": "k", "temperatures": "T", "start": "from the"}
    options = [f"{word} {row[key]}" for key, word in shown.items() if key in row]
    return ", ".join([row["name"], *options])


def main() -> None:
    """Measure both models, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=int, default=64)
    parser.add_argument("--only", choices=[*WRITTEN], help="one of the models")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args()
    bench = lab.bench("auto", say=print)
    models = {
        "2 latents": bench.model(n_components=2),
        # IWAE's encoder covers the posterior instead of sitting on one mode of it.
        "2 latents, trained by IWAE": bench.model(
            n_components=2, objective={"name": "iwae", "samples": 10}
        ),
        "50 latents": lt.load(HERE.parent / "pretrained" / "iwae-vae"),
    }
    x = bench.test.x[: given.digits]
    found: dict[str, Any] = {
        "data": bench.data.schema.name,
        "date": date.today().isoformat(),
        "device": f"{platform.machine()}, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
        "latentia": lt.__version__,
    }
    text = [f"# log p(x) of one model by every estimator: {found['data']}", ""]
    for title, written in WRITTEN.items():
        if given.only not in (None, title):
            continue
        estimator = AnnealedImportanceSampling(temperatures=500)
        block = {
            "n": len(x),
            "estimators": measure(models[title], x, written),
            "sandwich": bidirectional(models[title].model_, estimator, 32).summary(),
        }
        found[title] = block
        text += _table(title, block)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "evidence.json").write_text(json.dumps(found, indent=2) + "\n")
    (given.out / "evidence.md").write_text("\n".join(text))


if __name__ == "__main__":
    main()
