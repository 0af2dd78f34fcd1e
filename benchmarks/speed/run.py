"""Training speed, ours and the peers', in one run: `make bench`.

    LATENTIA_DATA=... python benchmarks/speed/run.py [--races RACE ...] [--without PEER ...]

Every peer has an environment of its own (made in .bench/ the first time) and is a process of its
own; rounds are interleaved, so that a machine that drifts drifts for all. Three models, Adam at
1e-3, the cross-entropy of grey pixels: 60,000 digits through 784-500-500-20 and back (`mlp`),
6,000 through three convolutions and back (`conv`), and 6,000 through 784-200-200-50, two
deterministic layers each way and one stochastic, with the bound of 50 samples (`iwae`). An epoch's
seconds are the median over rounds and over epochs after the first; a ratio is the median of the
rounds' own ratios. A short run comes as it is; one that is compiled has the precision that a long
run chooses, for which its few epochs stand. The cold seconds are those of a whole process that
trains one epoch.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# Name: the script, the environment (none is that of this process), and what is set for it.
CONTESTANTS: dict[str, tuple[str, str | None, dict[str, str]]] = {
    "floor": ("floor.py", None, {}),
    "latentia": ("ours.py", None, {}),
    "latentia, compiled": ("ours.py", None, {"BENCH_COMPILE": "yes"}),
    "latentia, black and white": ("ours.py", None, {"BENCH_BINARIZE": "dynamic"}),
    "jax": ("peer_jax.py", "jax", {}),
    "jax, bfloat16": ("peer_jax.py", "jax", {"PEER_KIND": "bfloat16"}),
    "torch": ("peer_torch.py", "torch", {}),
    "keras": ("peer_keras.py", "keras", {}),
    "pythae": ("peer_pythae.py", "pythae", {}),
}


class Race(NamedTuple):
    """One table.

    Arguments:
        model: `mlp`, `conv` or `iwae`.
        batch: Images in a batch.
        epochs: How many, the first of which does not count.
        images: How many an epoch has.
        names: Who takes part.
    """

    model: str
    batch: int
    epochs: int
    images: int = 60_000
    names: tuple[str, ...] = ("floor", "latentia", "latentia, compiled", "jax", "torch")

    @property
    def title(self) -> str:
        """What the table is called, in the results and to choose it by."""
        return f"{self.model} {self.batch}"


RACES = [
    Race("mlp", 128, 4, names=tuple(CONTESTANTS)),
    Race("mlp", 20, 2),
    Race("mlp", 512, 4),
    Race("mlp", 4096, 4),
    *(Race(model, batch, 2, 6_000) for model in ("conv", "iwae") for batch in (20, 128, 512)),
    *(Race(model, 4096, 3, 8_192) for model in ("conv", "iwae")),
]
AGAINST = "jax"
PEERS = sorted({peer for _, peer, _ in CONTESTANTS.values() if peer})
MODELS = {
    "mlp": "784-500-500-20",
    "conv": "three convolutions and back, 20 latents",
    "iwae": "784-200-200-50, the bound of 50 samples",
}
# What is not plain from a model's name.
ABOUT = {
    "iwae": "The 50 latents are the only stochastic layer; the two of 200 between them and the "
    "image are deterministic (Burda et al.'s model with L = 1). Where written and compiled end at "
    "different ELBOs, it is rounding that grew ([parity.md](parity.md)).",
}


def python(peer: str | None) -> str:
    """Return the interpreter of a peer's environment, made if it is not there.

    Raises:
        SystemExit: if it cannot be made, with the reason.
    """
    if peer is None:
        return sys.executable
    folder = ROOT / ".bench" / peer
    wanted = HERE / f"requirements-{peer}.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        print(f"installs  {peer}", flush=True)
        own = str(folder / "bin" / "python")
        pip = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _installs(peer, [sys.executable, "-m", "venv", "--clear", str(folder)])
        _installs(peer, [*pip, "-r", str(wanted)])
        done.write_text(wanted.read_text())
    return str(folder / "bin" / "python")


def _installs(peer: str, command: list[str]) -> None:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        why = "\n".join((said.stderr or said.stdout).strip().splitlines()[-5:])
        raise SystemExit(
            f"The environment of {peer} could not be made in .bench/{peer}:\n{why}\n"
            f"It takes benchmarks/speed/requirements-{peer}.txt from a package index. To go on "
            f"without this peer: --without {peer}"
        )


def measure(name: str, images: Path, race: Race) -> dict[str, Any]:
    """Run one contestant once.

    Returns:
        Seconds of every epoch, the last -ELBO in nats, seconds of the whole process, and what
        else it told.
    """
    script, peer, given = CONTESTANTS[name]
    file = images / f"{race.images}.npy"
    command = [python(peer), str(HERE / script), str(file), str(race.batch), str(race.epochs)]
    given = given | {"BENCH_MODEL": race.model}
    began = time.perf_counter()
    said = subprocess.run(
        command, env=os.environ | given, capture_output=True, text=True, check=False
    )
    whole = time.perf_counter() - began
    lines = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    if said.returncode or not lines:
        raise SystemExit(f"{name} failed:\n{said.stderr[-2000:]}")
    last = lines[-1]
    return {
        "epochs": [line["seconds"] for line in lines],
        "negative_elbo": last.get("negative_elbo"),
        "process": whole,
        "told": {k: v for k, v in last.items() if k not in ("seconds", "negative_elbo")},
    }


def rounds(race: Race, images: Path, n: int) -> dict[str, list[dict[str, Any]]]:
    """Run every contestant n times, interleaved."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in race.names}
    for number in range(n):
        for name in race.names:
            one = measure(name, images, race)
            found[name].append(one)
            steady = median(one["epochs"][1:] or one["epochs"])
            print(f"{race.title} round {number + 1}  {name:28} {steady:8.3f} s", flush=True)
    return found


def summary(found: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return medians, spread and ratios of what `rounds` found.

    Example:
        >>> one = {"epochs": [9.0, 2.0], "negative_elbo": 1.0, "told": {}}
        >>> half = one | {"epochs": [9.0, 1.0]}
        >>> summary({"jax": [one], "floor": [half]})["floor"]["ratio"]
        0.5

        Without the peer that all are compared with, there are no ratios to it:

        >>> summary({"floor": [half]})["floor"]["ratio"]
    """
    steady = {
        name: [median(one["epochs"][1:] or one["epochs"]) for one in runs]
        for name, runs in found.items()
    }
    table = {}
    for name, seconds in steady.items():
        others = steady.get(AGAINST, [])
        paired = [a / b for a, b in zip(seconds, others, strict=False)]
        above = [a / b for a, b in zip(seconds, steady["floor"], strict=True)]
        table[name] = {
            "seconds": median(seconds),
            "spread": [min(seconds), max(seconds)],
            "each": [round(one, 4) for one in seconds],
            "ratio": median(paired) if paired else None,
            "above_floor": median(above),
            "negative_elbo": found[name][-1]["negative_elbo"],
            **found[name][-1]["told"],
        }
    return table


def cold(images: Path, n: int, without: list[str]) -> dict[str, float]:
    """Return the median seconds of whole processes that train one epoch at batch 128."""
    names = [name for name in CONTESTANTS if name not in ("floor", "latentia, compiled")]
    names = [name for name in names if CONTESTANTS[name][1] not in without]
    runs: dict[str, list[float]] = {name: [] for name in [*names, _CLI]}
    for _ in range(n):
        for name in names:
            runs[name].append(measure(name, images, Race("mlp", 128, 1))["process"])
        runs[_CLI].append(_trained_by_command())
    return {name: median(seconds) for name, seconds in runs.items()}


_CLI = "`latentia train mnist --epochs 1`"


def _trained_by_command() -> float:
    """Return the seconds of a whole command: it reads, trains, evaluates and writes a run."""
    with tempfile.TemporaryDirectory() as folder:
        command = [Path(sys.executable).with_name("latentia"), "train", "mnist", "--epochs", "1"]
        command += ["--batch-size", "128", "--latent-dim", "20", "--network.hidden", "500,500"]
        began = time.perf_counter()
        subprocess.run([*command, "--quiet", "--out", f"{folder}/run"], check=True)
        return time.perf_counter() - began


# What a contestant prints beside its seconds, a mean over the last epoch's steps.
_LAST = ("train -ELBO at the end", "train -ELBO at the end (of the peers: the bound they train)")


def text(found: dict[str, Any]) -> str:
    """Return the results as a page of Markdown."""
    lines = [
        "# Training speed",
        "",
        f"{found['date']}, {found['machine']}; torch {found['torch']}, {found['threads']} "
        "threads. One epoch of MNIST digits, Adam; made by `make bench`. "
        f"The ratio is to `{AGAINST}`, a hand-written loop with the whole epoch in one jit, in "
        "float32; the floor is the model's own matrix products and one pass of the optimizer. "
        "Seconds are medians of interleaved rounds, in brackets the least and the most.",
        "",
        *([found["note"], ""] if "note" in found else []),
    ]
    for title, ran in found["races"].items():
        model, batch = title.split()
        images = next(race.images for race in RACES if race.title == title)
        table, n = ran["table"], ran["rounds"]
        lines += [
            f"## {MODELS[model]}: {images:,} images in batches of {batch}, "
            + (f"{n} rounds" if n > 1 else "one round")
            + (f" ({ran['date']})" if "date" in ran else ""),
            "",
            *([ABOUT[model], ""] if model in ABOUT else []),
            f"| | ratio to {AGAINST} | times the floor | seconds | {_LAST[model == 'iwae']} |",
            "|---|---|---|---|---|",
        ]
        for name, row in table.items():
            low, high = row["spread"]
            elbo = "-" if row["negative_elbo"] is None else f"{row['negative_elbo']:.2f}"
            ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
            lines.append(
                f"| {name} | {ratio} | {row['above_floor']:.2f} | "
                f"{row['seconds']:.2f} ({low:.2f} to {high:.2f}) | {elbo} |"
            )
        floor = table["floor"]
        lines.append("")
        if "optimizer" in floor:
            lines += [
                f"The floor's products take {floor['float32']:.2f} s in float32 and "
                f"{floor['bfloat16']:.2f} s in bfloat16, the optimizer "
                f"{floor['optimizer']:.2f} s.",
                "",
            ]
    if found["cold"]:
        lines += ["## Cold: a whole process that trains one epoch", ""]
        lines += ["| | seconds |", "|---|---|"]
    lines += [f"| {name} | {seconds:.1f} |" for name, seconds in found["cold"].items()]
    return "\n".join([*lines, ""])


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw the seconds of an epoch at batch 128, the floor as a line, least and most as bars."""
    from latentia.figure import _style

    table = found["races"]["mlp 128"]["table"]
    names = sorted((n for n in table if n != "floor"), key=lambda n: -table[n]["seconds"])
    seconds = [table[name]["seconds"] for name in names]
    low = [s - table[name]["spread"][0] for s, name in zip(seconds, names, strict=True)]
    high = [table[name]["spread"][1] - s for s, name in zip(seconds, names, strict=True)]
    ours = [_style.ACCENT if name.startswith("latentia") else "#BBBBBB" for name in names]
    floor = table["floor"]["seconds"]
    with _style.style():
        figure = _style.new_figure(0.3 * len(names) + 0.8)
        ax = figure.subplots()
        errors = {"ecolor": _style.INK, "elinewidth": 1.0}
        ax.barh(names, seconds, height=0.65, xerr=[low, high], color=ours, error_kw=errors)
        ax.axvline(floor, color=_style.INK, linestyle="--", linewidth=1.0)
        ax.text(floor, len(names) - 0.45, " the floor", fontsize=9)
        ax.set(xlabel="seconds for an epoch", ylim=(-0.6, len(names) - 0.1))
        ax.tick_params(left=False)
        _style.save(figure, path)


def main() -> None:
    """Measure everything, and write the table, the numbers and the figure."""
    import torch

    import latentia as lt

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    titles = [race.title for race in RACES]
    parser.add_argument("--races", nargs="*", default=titles, choices=titles, metavar="RACE")
    parser.add_argument("--without", nargs="+", default=[], choices=PEERS, metavar="PEER")
    parser.add_argument("--out", type=Path, default=HERE.parent / "results")
    given = parser.parse_args()
    races = asked(given.races, given.without)
    peers = {CONTESTANTS[name][1] for race in races for name in race.names} - {None}
    for peer in sorted(peers):  # before anything is measured
        python(peer)
    earlier = given.out / "speed.json"
    found: dict[str, Any] = {
        "date": date.today().isoformat(),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "races": {},
        "cold": {},
    }
    if len(given.races) < len(titles) and earlier.exists():
        found = json.loads(earlier.read_text())  # these races anew, and the others as they were
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder)
        x = np.asarray(lt.data.load("mnist", return_X_y=True)[0], dtype=np.uint8)
        for n in {race.images for race in RACES}:
            np.save(images / f"{n}.npy", x[:n])
        # The pages are written after each: an hour is long, and something may end it.
        if len(given.races) == len(titles):
            found["cold"] = cold(images, given.rounds, given.without)
        for race in races:
            table = summary(rounds(race, images, given.rounds))
            ran = {"rounds": given.rounds, "date": date.today().isoformat(), "table": table}
            found["races"][race.title] = ran
            write(found, given.out)


def asked(titles: list[str], without: list[str]) -> list[Race]:
    """Return the races of these titles, without the contestants of some peers.

    Example:
        >>> [race] = asked(["iwae 128"], ["torch"])
        >>> race.names
        ('floor', 'latentia', 'latentia, compiled', 'jax')
    """
    return [
        race._replace(names=tuple(n for n in race.names if CONTESTANTS[n][1] not in without))
        for race in RACES
        if race.title in titles
    ]


def write(found: dict[str, Any], out: Path) -> None:
    """Write the numbers, the table and the figure."""
    (out / "speed.json").write_text(json.dumps(found, indent=2) + "\n")
    (out / "speed.md").write_text(text(found))
    if "mlp 128" in found["races"]:
        draw(found, out / "speed.png")


def processor() -> str:
    """Return the processor's name and the kinds of numbers that it multiplies natively."""
    try:
        written = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    known = dict(
        line.split(":", 1) for line in written.splitlines() if line.count(":") and line.strip()
    )
    fields = {key.strip(): value.strip() for key, value in known.items()}
    flags = fields.get("flags", "").split()
    native = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{fields.get('model name', platform.machine())} ({' '.join(native)})"


if __name__ == "__main__":
    main()
