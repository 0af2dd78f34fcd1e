"""One model's log p(x) by every estimator: a table in results/evidence.md.

    LATENTIA_DATA=... python benchmarks/evidence.py     # half an hour on 2 cores
    ... python benchmarks/evidence.py --only "2 latents"     # one model; the others stay as found

Three models on MNIST's test digits, one black-and-white draw of each: two planes of latents, where
quadrature is the truth, and `pretrained/iwae-vae` with 50 latents, where annealed importance
sampling is certified by the sandwich on data drawn from the model.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import torch

import latentia as lt
from latentia import lab, room
from latentia.estimator.base import Estimator
from latentia.evaluation.likelihood import LogLikelihood, climb, log_likelihood
from latentia.evidence.annealed import AnnealedImportanceSampling, bidirectional
from latentia.evidence.importance import ImportanceSampling
from latentia.view import Examples, View

__all__ = ["climbing", "measure", "page"]

HERE = Path(__file__).parent
# Samples of the highest rung of the ladder, and how many digits a difference may be made of.
_LADDER, _WORST = 5000, 2
_SANDWICH = AnnealedImportanceSampling(temperatures=500)
_HEAD = """# log p(x) of one model by every estimator: MNIST

An estimator *agrees* with the first row if the difference of the means is at most two stated
errors of both. The stated error has two parts, added as squares: the *own error* of the mean by
the delta method, and the *bias* of the logarithm of an unbiased estimate, half the squared error
of each digit on average (Jensen, to second order). Both come from the weights, and the weights
know nothing of what no sample has found. What the worst digits contribute to the difference tells
why a row does not agree: nearly all of it where an encoder misses a mode of p(z|x) on a few
digits, little where every digit would need more samples."""
WRITTEN: dict[str, list[dict[str, Any]]] = {
    "2 latents": [
        {"name": "quadrature"},
        {"name": "annealed", "temperatures": 500},
        {"name": "defensive", "samples": 5000},
        {"name": "importance", "samples": 5000},
        {"name": "naive", "samples": 5000},
    ],
    # Here q covers the posterior: with samples enough it and all others but the prior's agree.
    "2 latents, trained by IWAE": [
        {"name": "quadrature"},
        {"name": "annealed", "temperatures": 500, "start": "posterior"},
        {"name": "annealed", "temperatures": 500},
        {"name": "defensive", "samples": 20_000},
        {"name": "importance", "samples": 50_000},
        {"name": "naive", "samples": 50_000},
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
        For each its `summary`, its stated error, its difference from the first (paired, with the
        standard error over examples), whether that is within the stated errors, and the seconds
        it took.
    """
    found: list[LogLikelihood] = []
    rows = []
    for spec in written:
        started = time.perf_counter()
        estimator = room.build("evidence", spec)
        found.append(log_likelihood(model.model_, model.examples(x), estimator))
        gap = found[-1].each - found[0].each
        worst = gap[gap.abs().argsort(descending=True)[:_WORST]]
        rows.append(
            {
                **room.spec("evidence", spec),
                **found[-1].summary(),
                "jensen_bias": found[-1].jensen_bias,
                "stated_error": found[-1].stated_error,
                "agrees": found[-1].agrees(found[0]),
                "difference": float(gap.mean()),
                "difference_error": float(gap.std() / len(gap) ** 0.5),
                "difference_median": float(gap.median()),
                "difference_of_the_worst": float(worst.sum() / len(gap)),
                "share_within_a_tenth": float((gap.abs() < 0.1).double().mean()),
                "seconds": time.perf_counter() - started,
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    return rows


def climbing(model: Estimator, x: Any) -> dict[str, Any]:
    """Return how log p-hat rises with k, each k of samples of its own.

    Within one estimate the rungs share their samples and cannot fall; these can.
    """
    (drawn,) = model.examples(x).batches(0)
    same = Examples(drawn, View("binary"))
    rungs = ImportanceSampling(samples=_LADDER).rungs
    each = [
        log_likelihood(model.model_, same, ImportanceSampling(samples=k), seed=k).each
        for k in rungs
    ]
    found = climb(torch.stack(each))
    return {
        "k": rungs,
        "log_likelihood": [float(one.mean()) for one in each],
        "rise": found.rise.tolist(),
        "rise_error": found.error.tolist(),
        "monotone": found.monotone,
    }


def _table(title: str, block: dict[str, Any]) -> list[str]:
    first, *_ = block["estimators"]
    lines = [
        f"## {title}",
        "",
        f"{block['n']} test digits, one draw each. Differences are paired with the first row, in "
        "brackets their standard error over digits.",
        "",
        "| estimator | log p(x) | difference | own error | bias | agrees | median difference | "
        f"from the {_WORST} worst digits | within 0.1 nats | median ESS | seconds |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in block["estimators"]:
        samples = "-" if row["ess_median"] is None else f"{row['ess_median']:.0f}"
        agrees = "-" if row is first else "yes" if row["agrees"] else "**no**"
        lines.append(
            f"| {_name(row)} | {row['log_likelihood']:.3f} | {row['difference']:+.3f} "
            f"({row['difference_error']:.3f}) | {row['monte_carlo_error']:.3f} | "
            f"{row['jensen_bias']:.3f} | {agrees} | {row['difference_median']:+.3f} | "
            f"{row['difference_of_the_worst']:+.3f} | {row['share_within_a_tenth']:.0%} | "
            f"{samples} | {row['seconds']:.0f} |"
        )
    sandwich = block["sandwich"]
    return [
        *lines,
        "",
        _ladder(block["ladder"]),
        "",
        f"The sandwich on {sandwich['n']} examples drawn from the model: between "
        f"{sandwich['lower']:.3f} and {sandwich['upper']:.3f}, gap {sandwich['gap']:.3f} "
        f"({sandwich['gap_standard_error']:.3f}).",
        "",
    ]


def _ladder(found: dict[str, Any]) -> str:
    steps = [
        f"{value:.2f} (k = {k}, {rise:+.3f} +- {error:.3f})"
        for k, value, rise, error in zip(
            found["k"][1:],
            found["log_likelihood"][1:],
            found["rise"],
            found["rise_error"],
            strict=True,
        )
    ]
    holds = "yes" if found["monotone"] else "**no**"
    return (
        "The ladder of importance sampling, every rung of samples of its own, with the rise from "
        f"the one before: {found['log_likelihood'][0]:.2f} (k = 1), {', '.join(steps)}. "
        f"No rung falls by more than two standard errors: {holds}."
    )


def _name(row: dict[str, Any]) -> str:
    shown = {"samples": "k", "temperatures": "T", "chains": "K", "start": "from the"}
    options = [f"{word} {row[key]}" for key, word in shown.items() if key in row]
    return ", ".join([row["name"], *options])


def main() -> None:
    """Measure the models, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--digits", type=int, default=64)
    parser.add_argument("--only", choices=[*WRITTEN], help="one of the models")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args()
    bench = lab.bench("auto", say=print)
    models: dict[str, Callable[[], Estimator]] = {
        "2 latents": lambda: bench.model(n_components=2),
        # IWAE's encoder covers the posterior instead of sitting on one mode of it.
        "2 latents, trained by IWAE": lambda: bench.model(
            n_components=2, objective={"name": "iwae", "samples": 10}
        ),
        "50 latents": lambda: lt.load(HERE.parent / "pretrained" / "iwae-vae"),
    }
    x = bench.test.x[: given.digits]
    written = given.out / "evidence.json"
    before = json.loads(written.read_text()) if written.exists() else {}
    found: dict[str, Any] = {title: before[title] for title in WRITTEN if title in before}
    for title in WRITTEN if given.only is None else [given.only]:
        model = models[title]()
        # Beside each block what it was measured with: another may be of another day.
        found[title] = {
            "data": bench.data.schema.name,
            "date": date.today().isoformat(),
            "device": f"{platform.machine()}, {torch.get_num_threads()} threads",
            "torch": torch.__version__,
            "latentia": lt.__version__,
            "n": len(x),
            "estimators": measure(model, x, WRITTEN[title]),
            "ladder": climbing(model, x),
            "sandwich": bidirectional(model.model_, _SANDWICH, 32).summary(),
        }
    given.out.mkdir(parents=True, exist_ok=True)
    written.write_text(json.dumps(found, indent=2) + "\n")
    (given.out / "evidence.md").write_text(page(found))


def page(found: dict[str, Any]) -> str:
    """Return the page of tables, from each model's block of numbers by its title."""
    text = [_HEAD, ""]
    for title in WRITTEN:
        if title in found:
            text += _table(title, found[title])
    return "\n".join(text)


if __name__ == "__main__":
    main()
