"""Speed of a trained model in use: encoding, scoring, sampling and evidence, against their floor.

    LATENTIA_DATA=... python benchmarks/speed/use.py

The floor of a task is its matrix products and nothing else, measured beside it in the same
process; a ratio is the median over rounds of the rounds' own ratios. The rows are MNIST's over and
over, in a file that is mapped, not read. Memory is what the process holds of its own (not what is
mapped), at its peak above where it stood, for a tenth of the rows and for all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from math import prod
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import torch

import latentia as lt

sys.path.insert(0, str(Path(__file__).parent))
from run import HERE, ROOT, processor

Shapes = tuple[tuple[int, int], ...]
ENCODER: Shapes = ((784, 500), (500, 500), (500, 40))
DECODER: Shapes = ((20, 500), (500, 500), (500, 784))
# Of pretrained/iwae-vae.
SMALL_ENCODER: Shapes = ((784, 200), (200, 200), (200, 100))
SMALL_DECODER: Shapes = ((50, 200), (200, 200), (200, 784))
_ROWS = 2000


class Task(NamedTuple):
    """Something done with n rows.

    Arguments:
        what: What it is called.
        n: Rows.
        run: Does it with as many rows.
        products: The shapes of its products for one row, and how often each is made.
    """

    what: str
    n: int
    run: Callable[[int], Any]
    products: tuple[tuple[Shapes, int], ...]


def floor(task: Task) -> float:
    """Return the seconds that the task's matrix products take by themselves."""
    total = 0.0
    for shapes, times in task.products:
        layers = [(torch.randn(_ROWS, a), torch.randn(b, a)) for a, b in shapes]
        runs = []
        for _ in range(15):
            began = time.perf_counter()
            for x, weight in layers:
                torch.mm(x, weight.t())
            runs.append(time.perf_counter() - began)
        total += median(runs) / _ROWS * task.n * times
    return total


@contextmanager
def watched() -> Iterator[dict[str, float]]:
    """Note the highest memory of this process within the block, in MB above where it stood."""
    found, over = {"before": _own(), "peak": 0.0}, threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            found["peak"] = max(found["peak"], _own() - found["before"])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield found
    finally:
        over.set()
        watcher.join()


def _own() -> float:
    """Return the memory that belongs to this process alone, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("Memory is read from Linux' /proc.")


def measure(task: Task, rounds: int) -> dict[str, Any]:
    """Return seconds, floor and memory of a task."""
    memory = []
    for n in (task.n // 10, task.n):
        with watched() as seen:
            task.run(n)
        memory.append(round(seen["peak"]))
    seconds, floors = [], []
    for _ in range(rounds):
        before = floor(task)
        began = time.perf_counter()
        task.run(task.n)
        seconds.append(time.perf_counter() - began)
        floors.append((before + floor(task)) / 2)
    ratios = [a / b for a, b in zip(seconds, floors, strict=True)]
    found = {
        "n": task.n,
        "seconds": median(seconds),
        "floor": median(floors),
        "ratio": median(ratios),
        "spread": [min(ratios), max(ratios)],
        "memory": memory,
    }
    print(f"{task.what:44} {found['ratio']:6.2f} floors {found['seconds']:8.2f} s", flush=True)
    return found


def tasks(folder: Path, n: int) -> list[Task]:
    """Return what is measured, for n rows and for a tenth as many samples."""
    images = np.asarray(lt.data.load("mnist", return_X_y=True)[0], dtype=np.uint8)
    options: dict[str, Any] = {"n_components": 20, "max_epochs": 1, "random_state": 0}
    network = {"name": "mlp", "hidden": (500, 500)}
    vae = lt.VAE(network=network, binarize="dynamic", **options).fit(images[:5000])
    small = lt.load(ROOT / "pretrained" / "iwae-vae")
    rows = np.lib.format.open_memmap(
        folder / "rows.npy", mode="w+", dtype=np.uint8, shape=(n, *images.shape[1:])
    )
    for start in range(0, n, len(images)):
        rows[start : start + len(images)] = images[: n - start]
    rows.flush()
    x = np.load(folder / "rows.npy", mmap_mode="r")
    k, few, digits = 5000, 10, 128
    return [
        Task("encode: transform", n, lambda n: vae.transform(x[:n]), ((ENCODER, 1),)),
        Task("score: elbo", n, lambda n: vae.elbo(x[:n]), ((ENCODER + DECODER, 1),)),
        Task(
            f"score: log p(x), k = {few}",
            n // 10,
            lambda n: vae.score_samples(x[:n], few),
            ((ENCODER, 1), (DECODER, few)),
        ),
        Task("sample: x ~ p(x|z)", n // 10, lambda n: vae.sample(n), ((DECODER, 1),)),
        Task("sample_mean: E[x|z]", n // 10, lambda n: vae.sample_mean(n), ((DECODER, 1),)),
        Task(
            f"evidence: log p(x), k = {k}",
            digits,
            lambda n: vae.evidence(images[-n:], k),
            ((ENCODER, 1), (DECODER, k)),
        ),
        Task(
            f"evidence of pretrained/iwae-vae, k = {k}",
            digits,
            lambda n: small.evidence(images[-n:], k),
            ((SMALL_ENCODER, 1), (SMALL_DECODER, k)),
        ),
    ]


def text(found: dict[str, Any]) -> str:
    """Return the results as a page of Markdown."""
    lines = [
        "# Speed in use",
        "",
        f"{found['date']}, {found['machine']}; torch {found['torch']}, {found['threads']} "
        "threads; "
        f"medians of {found['rounds']} rounds, made by `make bench`. The model is "
        "784-500-500-20 with a Bernoulli decoder where no other is named; the floor is its matrix "
        "products alone, timed beside it. Memory is the process's own, above where it stood, with "
        "what is returned in it; the rows lie in a mapped file.",
        "",
        "| | rows | times the floor | seconds | MB for a tenth of the rows | MB for all |",
        "|---|---|---|---|---|---|",
    ]
    for what, row in found["tasks"].items():
        low, high = row["spread"]
        name = what.replace("|", chr(92) + "|")  # a bar of its own would end the cell
        lines.append(
            f"| {name} | {row['n']:,} | {row['ratio']:.2f} ({low:.2f} to {high:.2f}) | "
            f"{row['seconds']:.2f} | {row['memory'][0]} | {row['memory'][1]} |"
        )
    returned = prod((100_000, 784)) * 4 / 2**20
    lines += [
        "",
        f"100,000 digits of float32, as samples are returned, are {returned:.0f} MB.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure everything, and write the table and the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "date": date.today().isoformat(),
            "machine": f"{processor()}, {os.cpu_count()} cores",
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "rounds": given.rounds,
            "tasks": {
                task.what: measure(task, given.rounds) for task in tasks(Path(folder), given.rows)
            },
        }
    (given.out / "use.json").write_text(json.dumps(found, indent=2) + "\n")
    (given.out / "use.md").write_text(text(found))


if __name__ == "__main__":
    main()
