"""Where the time goes: a step of every race and every task in use, by kind of work.

    LATENTIA_DATA=... taskset -c 0 python benchmarks/speed/shares.py [--only RACE ...]

One thread, and the precision that a long run chooses. `fit` itself trains, as users run it,
written out and compiled; the steps after the first few are timed, and as many more are watched by
torch's profiler. What no kernel takes of a step's time is Python's and torch's own: calls,
dispatch, autograd, the loop. The floor is timed in the same process: the model's products alone,
in the same precision, and for a step one pass of Adam. Seconds are those that the processor spent
on this thread, so that other programs' are not among them; shares are of the time that was
watched, by the clock on the wall, the profiler's own work among the calls.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.profiler import ProfilerActivity, record_function
from torch.profiler import profile as torch_profile

import latentia as lt
from latentia.data import Data
from latentia.estimator import _fitted
from latentia.model import Terms
from latentia.training.checkpoint import Progress
from latentia.training.observer import Observer, Row
from latentia.view import Examples, View

sys.path.insert(0, str(Path(__file__).parent))
import floor
import use
from kinds import KINDS, kind_of, plain
from ours import MODELS, precision_of_many, session
from run import HERE, RACES, Race, processor

WAYS = {"as written": "no", "compiled": "yes"}
# Steps that are not looked at, and that are: timed, and as many watched.
STEPS = {20: (10, 30), 128: (5, 10), 512: (2, 4), 4096: (1, 2)}
# Rows of a task in use, far fewer than are raced; of evidence, digits.
ROWS, DIGITS = 20_000, 8


@contextmanager
def named() -> Iterator[None]:
    """Within the block, what numpy does and what brings examples to x is seen by a name.

    `data` are reads of examples and their views; `returned` is the array that is given back, into
    which the results are copied part by part.
    """
    before = Examples.read, View.__call__, _fitted.filled
    Examples.read = _as("data", before[0])  # type: ignore[method-assign]
    View.__call__ = _as("data", before[1])  # type: ignore[method-assign]
    _fitted.filled = _as("returned", before[2])
    try:
        yield
    finally:
        Examples.read, View.__call__, _fitted.filled = before  # type: ignore[method-assign]


def _as(name: str, does: Callable[..., Any]) -> Callable[..., Any]:
    def known(*given: Any) -> Any:
        with record_function(name):
            return does(*given)

    return known


def now() -> float:
    """Return the seconds that the processor has spent on this thread."""
    return time.thread_time()


class Watch:
    """A profiler of this process, and for how long it watched."""

    def __init__(self) -> None:
        self.seen = torch_profile(activities=[ProfilerActivity.CPU])

    def start(self) -> None:
        """Begin."""
        self.seen.start()
        self.began = time.perf_counter()

    def stop(self) -> None:
        """End."""
        self.seconds = time.perf_counter() - self.began
        self.seen.stop()


def parts(watch: Watch) -> dict[str, dict[str, float]]:
    """Return shares of the time that was watched.

    Returns:
        `shares`, of each kind of work, and `longest`, of the five operations besides products that
        take most.
    """
    kinds: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for event in watch.seen.events() or []:
        kind, share = kind_of(event), event.self_cpu_time_total * 1e-6 / watch.seconds
        kinds[kind] += share
        if kind not in ("products", "calls"):
            names[plain(event.name)] += share
    kinds["calls"] = 1 - sum(share for kind, share in kinds.items() if kind != "calls")
    return {
        "shares": {kind: kinds[kind] for kind in KINDS},
        "longest": dict(names.most_common(5)),
    }


class Watcher(Observer):
    """Times steps after the first few, and watches as many more.

    Arguments:
        batch: Images in a batch, by which it is known how many.
    """

    def __init__(self, batch: int) -> None:
        self.first, self.many = STEPS[batch]
        self.watch, self.marks = Watch(), list[float]()

    @property
    def images(self) -> int:
        """How many batches of images it takes."""
        return self.first + 2 * self.many

    @property
    def seconds(self) -> float:
        """Seconds of a step, the median of those that were not watched."""
        marks = self.marks[self.first - 1 : self.first + self.many]
        return median(b - a for a, b in pairwise(marks))

    def step(self, standing: Progress, steps: int, terms: Terms) -> None:
        """Hear of one step."""
        self.marks.append(now())
        if len(self.marks) == self.first + self.many:
            self.watch.start()
        if len(self.marks) == self.images:
            self.watch.stop()

    def epoch(self, rows: list[Row], improved: bool) -> None:
        """Hear of the only epoch."""

    def warn(self, text: str) -> None:
        """Hear that it could not be compiled."""
        raise SystemExit(text)


def step(race: Race, way: str, images: np.ndarray) -> dict[str, Any]:
    """Return where the time of a step of a race goes."""
    watcher = Watcher(race.batch)
    x = images[np.arange(watcher.images * race.batch) % len(images)]
    data = Data.from_array(np.concatenate([x, images[-100:]]))
    options = MODELS[race.model] | {"binarize": "none", "batch_size": race.batch}
    settings = {"compile": WAYS[way], "precision": precision_of_many(data, options)}
    with named():
        session(data, options, 1, settings).train(watcher)
    kind = getattr(torch, settings["precision"])
    products = _timed(floor._products(race.model, race.batch, kind))
    adam = _timed(_adam(race.model))
    return found(watcher.watch, watcher.seconds, products) | {
        "floor": products + adam,
        "adam": adam,
        "precision": settings["precision"],
    }


def found(watch: Watch, seconds: float, products: float) -> dict[str, Any]:
    """Return the record of one row of a table."""
    return {
        "seconds": seconds,
        "floor": products,
        "alone": products / seconds,
        **parts(watch),
    }


def _adam(model: str) -> Callable[[], object]:
    sizes = [size for size, _ in floor.DENSE[model]]
    sizes += [(b, a * 9) for a, b, *_ in floor.CONVOLUTIONS.get(model, [])]
    weights = [torch.randn(size).requires_grad_() for size in sizes]
    for weight in weights:
        weight.grad = torch.randn_like(weight)
    return torch.optim.AdamW(weights, fused=True).step


def _timed(run: Callable[[], object]) -> float:
    """Return the median of as many repeats as two seconds allow."""
    seconds: list[float] = []
    run()
    began = time.perf_counter()
    while len(seconds) < 3 or (len(seconds) < 40 and time.perf_counter() - began < 2):
        start = now()
        run()
        seconds.append(now() - start)
    return median(seconds)


def _chain(shapes: use.Shapes, rows: int) -> Callable[[], object]:
    layers = [(torch.randn(rows, a), torch.randn(b, a)) for a, b in shapes]
    return lambda: [torch.mm(x, weight.t()) for x, weight in layers]


def task(what: use.Task) -> dict[str, Any]:
    """Return where the time of a task in use goes."""
    n = DIGITS if what.what.startswith("evidence") else what.n
    seconds, watch, rows = _timed(lambda: what.run(n)), Watch(), 2000
    with named():
        watch.start()
        what.run(n)
        watch.stop()
    products = sum(
        _timed(_chain(shapes, rows)) / rows * n * times for shapes, times in what.products
    )
    return {"n": n} | found(watch, seconds, products)


def text(known: dict[str, Any]) -> str:
    """Return the results as a page of Markdown."""
    low, high = known["load"]
    head = "| " + " | ".join(KINDS.values()) + " |"
    lines = [
        "# Where the time goes",
        "",
        f"{known['date']}, {known['machine']}; torch {known['torch']}, one thread on core "
        f"{', '.join(map(str, known['cores']))}; load of the machine {low:.1f} at the start and "
        f"{high:.1f} at the end. Made by `benchmarks/speed/shares.py`: the processor's time "
        "for a step or a task, without the profiler, and the share of each kind of work while it "
        "watched. `alone` is the share of that time that the products take one after the other "
        "and nothing else. What is "
        "fused by the compiler counts as elementwise, the sums in it too. `calls` is what no "
        "kernel takes: Python, torch's dispatch and autograd, the loop, and the profiler.",
        "",
        "## A step of training",
        "",
        "| race | | ms | floors | alone " + head,
        "|---" * (5 + len(KINDS)) + "|",
    ]
    for race, ways in known["steps"].items():
        lines += [
            f"| {race} | {way}, {row['precision']} | {_cells(row, 1000)}"
            for way, row in ways.items()
        ]
    lines += [
        "",
        "## A model in use",
        "",
        "| | rows | s | floors | alone " + head,
        "|---" * (5 + len(KINDS)) + "|",
    ]
    for what, row in known["use"].items():
        lines.append(f"| {what.replace('|', chr(92) + '|')} | {row['n']:,} | {_cells(row, 1)}")
    lines += ["", "## The longest besides products", ""]
    for race, ways in known["steps"].items():
        lines += [f"- {race}, {way}: {_named(row)}" for way, row in ways.items()]
    lines += [f"- {what}: {_named(row)}" for what, row in known["use"].items()]
    return "\n".join([*lines, ""])


def _cells(row: dict[str, Any], unit: int) -> str:
    parts = " | ".join(f"{row['shares'][kind]:.0%}" for kind in KINDS)
    return (
        f"{row['seconds'] * unit:.2f} | {row['seconds'] / row['floor']:.2f} | "
        f"{row['alone']:.0%} | {parts} |"
    )


def _named(row: dict[str, Any]) -> str:
    return ", ".join(f"`{name}` {share:.0%}" for name, share in row["longest"].items())


def main() -> None:
    """Watch everything, or what is asked for, and write the table and the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    titles = [*(race.title for race in RACES), "use"]
    parser.add_argument("--only", nargs="+", default=titles, choices=titles, metavar="RACE")
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    given = parser.parse_args()
    torch.set_num_threads(1)
    # The compiler's own kernels are named only if they are told to be.
    torch._inductor.config.cpp.enable_kernel_profile = True
    known: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "torch": torch.__version__,
        "cores": sorted(os.sched_getaffinity(0)),
        "load": [os.getloadavg()[0]] * 2,
        "steps": {},
        "use": {},
    }
    images = np.asarray(lt.data.load("mnist", return_X_y=True)[0], dtype=np.uint8)[:60_000]
    if "use" in given.only:
        with tempfile.TemporaryDirectory() as folder:
            for what in use.tasks(Path(folder), ROWS):
                known["use"][what.what] = task(what)
                print(f"{what.what:44}", _cells(known["use"][what.what], 1), flush=True)
    for race in (race for race in RACES if race.title in given.only):
        known["steps"][race.title] = {}
        for way in given.ways:
            row = known["steps"][race.title][way] = step(race, way, images)
            print(f"{race.title:12} {way:12}", _cells(row, 1000), flush=True)
            write(known, given.out)  # after each: the longest come last
    write(known, given.out)


def write(known: dict[str, Any], out: Path) -> None:
    """Write the numbers and the page."""
    known["load"][1] = os.getloadavg()[0]
    (out / "profile.json").write_text(json.dumps(known, indent=2) + "\n")
    (out / "profile.md").write_text(text(known))


if __name__ == "__main__":
    main()
