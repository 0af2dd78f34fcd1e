"""Speed on a GPU: training, evidence and use, against the card's own products.

    LATENTIA_DATA=... python benchmarks/speed/gpu.py [--only MODEL] [--device cpu --tiny]

Absolute seconds with date and device. The rate of a model is that of its products, forward and
back, by the clock of whole epochs; its share is of the rate of large products of the same type,
measured in the same run. `--tiny` goes through everything in a minute on any device, to see that
it works; its numbers mean nothing and are not written. Every number is written as soon as it is
there, with its day, in the place of the earlier one, so that a run that is cut short loses
nothing; `--only` measures one model again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.profiler import ProfilerActivity
from torch.profiler import profile as torch_profile

import latentia as lt
from latentia import room
from latentia.data import Data
from latentia.estimator.vae import VAE
from latentia.evaluation.likelihood import log_likelihood
from latentia.files import write_together
from latentia.request import DataRequest
from latentia.session import Session, prepare
from latentia.training.engine import Engine
from latentia.training.observer import Observer, Row
from latentia.training.tuning import work

sys.path.insert(0, str(Path(__file__).parent))
from ours import MODELS
from run import HERE

# Model, batch size, and what is set: each choice of the engine's beside what it is chosen over.
RUNS = [
    ("mlp", 128, "float32", "no"),
    ("mlp", 128, "float32", "graph"),
    ("mlp", 128, "bfloat16", "graph"),
    ("mlp", 128, "bfloat16", "yes"),
    ("mlp", 512, "bfloat16", "graph"),
    ("mlp", 4096, "bfloat16", "graph"),
    ("conv", 128, "bfloat16", "graph"),
    ("conv", 512, "float32", "graph"),
    ("conv", 512, "bfloat16", "no"),
    ("conv", 512, "bfloat16", "graph"),
    ("conv", 512, "bfloat16", "yes"),
    ("ladder", 128, "bfloat16", "no"),
    ("ladder", 128, "bfloat16", "graph"),
    ("ladder", 512, "float32", "graph"),
    ("ladder", 512, "bfloat16", "graph"),
    ("iwae", 128, "float32", "graph"),
    ("iwae", 128, "bfloat16", "graph"),
    ("iwae", 128, "bfloat16", "yes"),
    ("mlp, wide", 4096, "bfloat16", "graph"),
    ("conv, wide", 512, "bfloat16", "graph"),
    ("conv, wide", 512, "bfloat16", "yes"),
]
# Where the time of a step goes is asked of these.
PROFILED = [
    ("mlp", 128, "no"),
    ("conv", 512, "no"),
    ("conv", 512, "yes"),
    ("iwae", 128, "no"),
    ("ladder", 128, "no"),
    ("ladder", 512, "yes"),
    ("conv, wide", 512, "yes"),
]
# The wide ones ask whether the engine or the size of a model bounds the rate of its products.
ALL = MODELS | {
    "ladder": {"network": {"name": "ladder", "patch": 2, "channels": 64}},
    "mlp, wide": {
        "network": {"name": "mlp", "hidden": (8192, 8192)},
        "learning_rate": 1e-4,
    },
    "conv, wide": {
        "network": {"name": "conv", "channels": (256, 512, 512), "hidden": 2048},
        "learning_rate": 1e-4,
    },
}
_KINDS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class Clock(Observer):
    """Keeps the seconds of every epoch."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.elbo = 0.0

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Hear of one epoch."""
        self.seconds.append(rows[0]["seconds"])
        self.elbo = rows[1]["elbo"]


def rate(device: torch.device, kind: torch.dtype, *, tiny: bool) -> float:
    """Return the operations a second of large products."""
    size, times = (256, 2) if tiny else (8192, 20)
    a = torch.randn(size, size, device=device).to(kind)
    wait = _waiting(device)
    a @ a
    wait()
    began = time.perf_counter()
    for _ in range(times):
        a @ a
    wait()
    return 2 * size**3 * times / (time.perf_counter() - began)


def _waiting(device: torch.device) -> Callable[[], None]:
    return torch.cuda.synchronize if device.type == "cuda" else lambda: None


def session(images: np.ndarray, device: str, epochs: int, **options: Any) -> Session:
    """Return a session on all images but a hundred."""
    vae = VAE(max_epochs=epochs, binarize="dynamic", device=device, random_state=0, **options)
    return prepare(
        Data.from_array(images),
        vae.plan(),
        DataRequest(test=0, validation=min(100, len(images) // 5)),
    )


def trained(images: np.ndarray, device: str, run: tuple[str, int, str, str], epochs: int) -> Any:
    """Return the seconds of an epoch, and the rate of its products."""
    model, batch, precision, compiles = run
    settings = {"precision": precision, "compile": compiles, "schedule": "constant"}
    prepared = session(images, device, epochs, batch_size=batch, settings=settings, **ALL[model])
    task, clock = prepared.task, Clock()
    x = task.train.read(torch.arange(2))
    with torch.no_grad():
        forward = work(task.model, lambda: task.objective.terms(task.model, x)) / 2
    prepared.train(clock)
    seconds = median(clock.seconds[1:] or clock.seconds)
    return {
        "model": model,
        "batch": batch,
        "precision": precision,
        "compile": compiles,
        "first": clock.seconds[0],
        "seconds": seconds,
        "rate": 3 * forward * len(task.train) / seconds,
        "elbo": clock.elbo,
    }


def profile(
    images: np.ndarray, device: str, model: str, batch: int, compiles: str
) -> dict[str, Any]:
    """Return the share of a step's time on the device that each kind of kernel takes."""
    there = torch.device(device).type == "cuda"
    settings = {"precision": "bfloat16", "compile": compiles if there else "no"}
    settings["schedule"] = "constant"
    prepared = session(images, device, 1, batch_size=batch, settings=settings, **ALL[model])
    task = prepared.task
    engine = Engine(task.model, task.objective, task.train, prepared.config.training)
    task.model.train()
    rows = torch.arange(min(batch, len(task.train)), device=device)
    for number in range(8):
        engine.step(number + 1, rows, 0.0, 1e-3)
    kind = ProfilerActivity.CUDA if there else ProfilerActivity.CPU
    with torch_profile(activities=[kind]) as measured:
        for number in range(10):
            engine.step(number + 1, rows, 0.0, 1e-3)
        _waiting(torch.device(device))()
    spent = {
        event.key: event.self_device_time_total if there else event.self_cpu_time_total
        for event in measured.key_averages()
    }
    total = sum(spent.values())
    longest = sorted(spent, key=lambda key: -spent[key])[:12]
    return {
        "model": model,
        "batch": batch,
        "compile": settings["compile"],
        "launches": sum(event.count for event in measured.key_averages()) / 10,
        "microseconds": total / 10,
        "kernels": {key[:100]: spent[key] / total for key in longest},
    }


def sixty(images: np.ndarray, device: str, epochs: int) -> dict[str, float]:
    """Return the seconds of the 60-epoch run of the tutorial's code, as a user would start it."""
    network = {"name": "mlp", "hidden": (500, 500), "activation": "elu,tanh"}
    began = time.perf_counter()
    vae = VAE(
        n_components=20, network=network, max_epochs=epochs, device=device, random_state=0
    ).fit(images)
    return {"seconds": time.perf_counter() - began, "elbo": vae.history_[-1]["elbo"]}


def evidence(images: np.ndarray, device: str, k: int, n: int) -> dict[str, float]:
    """Return the seconds of log p(x) of n digits by k samples each."""
    model = lt.load(HERE.parents[1] / "pretrained" / "iwae-vae", device=device)
    estimator = room.build("evidence", {"name": "importance", "samples": k})
    examples = model.examples(images[-n:])
    log_likelihood(model.model_, model.examples(images[-64:]), estimator)
    began = time.perf_counter()
    found = log_likelihood(model.model_, examples, estimator)
    return {"seconds": time.perf_counter() - began, "log_likelihood": found.mean, "n": n, "k": k}


def text(found: dict[str, Any]) -> str:
    """Return the results as a page of Markdown."""
    rates = ", ".join(
        f"{name} {value / 1e12:.0f} TFLOP/s" for name, value in found["rates"].items()
    )
    lines = [
        "# Speed on a GPU",
        "",
        f"{found['device']}; torch {found['torch']}; made by `benchmarks/speed/gpu.py`. "
        f"Large products here: {rates} ({found['rates_date']}).",
        "",
        "| model | batch | precision | compiled | an epoch, s | first, s | share of the rate "
        "| day |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['model']} | {row['batch']} | {row['precision']} | {row['compile']} | "
        f"{row['seconds']:.3f} | {row['first']:.1f} | "
        f"{row['rate'] / row['large']:.1%} | {row['date']} |"
        for row in found["runs"]
    ]
    lines += ["", "`mlp, wide` has layers of 8,192, `conv, wide` 256 to 512 channels.", ""]
    for row in found["sixty"]:
        lines += [
            f"The tutorial's 60 epochs, as `fit` comes: {row['seconds']:.1f} s ({row['date']})."
        ]
    for row in found["evidence"]:
        lines += [
            f"log p(x) of {row['n']:,} digits by {row['k']:,} samples: {row['seconds']:.1f} s, "
            f"{row['log_likelihood']:.2f} nats ({row['date']})."
        ]
    lines += ["", "Where the time on the device goes in a step, products of bfloat16:"]
    for row in found["profiles"]:
        lines += [
            "",
            f"{row['model']}, batch {row['batch']}, compiled {row.get('compile', 'no')}: "
            f"{row['microseconds']:.0f} µs in all"
            + (f", {row['launches']:.0f} launches" if "launches" in row else "")
            + f" ({row['date']})",
            "",
            *(f"- {share:.1%} `{name}`" for name, share in row["kernels"].items()),
        ]
    lines += [""]
    return "\n".join(lines)


# What says which number it is, in each part of the results.
_KEYS = {
    "runs": ("model", "batch", "precision", "compile"),
    "profiles": ("model", "batch", "compile"),
    "sixty": (),
    "evidence": (),
}


class Results:
    """What was measured, kept in a folder as it comes.

    Arguments:
        folder: Has `gpu.json` and `gpu.md`, or None to keep nothing.
        here: The device, the version of torch and the rates of large products, of this run.
    """

    def __init__(self, folder: Path | None, here: dict[str, Any]) -> None:
        self._folder = folder
        self.found: dict[str, Any] = here | {part: [] for part in _KEYS}
        file = None if folder is None else folder / "gpu.json"
        if file is None or not file.exists():
            return
        before = json.loads(file.read_text())
        if any(before[what] != here[what] for what in ("device", "torch")):
            raise SystemExit(
                f"The numbers in {folder} are of {before['device']} and torch {before['torch']}, "
                f"not of {here['device']} and {here['torch']}: give another folder by --out."
            )
        self.found |= {part: before[part] for part in _KEYS}

    def keep(self, part: str, row: dict[str, Any]) -> None:
        """Put a number in its place, and write all of them."""
        names = _KEYS[part]
        key = [row[name] for name in names]
        rows = self.found[part]
        at = next((i for i, r in enumerate(rows) if [r[n] for n in names] == key), len(rows))
        if "rate" in row:
            row = row | {"large": self.found["rates"][row["precision"]]}
        rows[at : at + 1] = [{"date": date.today().isoformat()} | row]
        print(json.dumps(row), flush=True)
        if self._folder is not None:
            numbers = json.dumps(self.found, indent=2) + "\n"
            page = text(self.found)
            write_together(
                {
                    self._folder / "gpu.json": numbers.encode(),
                    self._folder / "gpu.md": page.encode(),
                }
            )


def measure(images: np.ndarray, device: str, only: str | None, kept: Results, tiny: bool) -> None:
    """Measure everything, or one model."""
    there = torch.device(device).type == "cuda"
    wanted = [run for run in RUNS if only in (None, run[0])]
    for run in wanted[::4] if tiny else wanted:
        if not there:
            run = (*run[:3], "no" if run[3] == "graph" else run[3])
        kept.keep("runs", trained(images, device, run, 2 if tiny else 3))
    if only is None:
        kept.keep("sixty", sixty(images, device, 2 if tiny else 60))
        kept.keep("evidence", evidence(images, device, *((50, 100) if tiny else (5000, 10_000))))
    asked = [which for which in PROFILED if only in (None, which[0])]
    for which in asked[:2] if tiny else asked:
        kept.keep("profiles", profile(images, device, *which))


def main() -> None:
    """Measure everything, or one model, and write the table and the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--only", choices=list(ALL))
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    given = parser.parse_args()
    device = torch.device(given.device)
    images = np.asarray(lt.data.load("mnist", return_X_y=True)[0], dtype=np.uint8)
    images = images[:300] if given.tiny else images
    here = {
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "torch": torch.__version__,
        "rates_date": date.today().isoformat(),
        "rates": {name: rate(device, kind, tiny=given.tiny) for name, kind in _KINDS.items()},
    }
    kept = Results(None if given.tiny else given.out, here)
    measure(images, given.device, given.only, kept, given.tiny)
    print(text(kept.found))


if __name__ == "__main__":
    main()
