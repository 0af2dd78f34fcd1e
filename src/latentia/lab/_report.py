"""From an experiment to its files: the figure and the numbers with their verdict."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from latentia import room
from latentia.figure import _style
from latentia.files import write_atomically
from latentia.lab._bench import Bench
from latentia.lab.base import Experiment, Finding

__all__ = ["conduct", "digits"]

# Significant digits written down: fewer than differ between processors.
_DIGITS = 6


def conduct(name: str, bench: Bench, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Run an experiment and write what it found."""
    written = room.spec("lab", {"name": name, **options})
    experiment: Experiment = room.build("lab", written)
    finding = experiment.run(bench)
    out.mkdir(parents=True, exist_ok=True)
    with _style.style():
        figure = _style.save(experiment.draw(finding), out / f"{name}.png", tell=bench.say)
    report = _report(written, bench, finding) | {"figure": figure.name}
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    write_atomically(out / f"{name}.json", text.encode())
    return report | {"figure": str(figure)}


def _report(written: dict[str, Any], bench: Bench, finding: Finding) -> dict[str, Any]:
    options = {key: value for key, value in written.items() if key != "name"}
    return {
        "name": written["name"],
        "claim": room.member("lab", written["name"]).summary,
        "verdict": finding.verdict,
        "checks": [
            digits({**check._asdict(), "verdict": check.verdict}) for check in finding.checks
        ],
        "numbers": digits(finding.numbers),
        "data": bench.data.schema.name,
        "n_train": len(bench.train.x),
        "n_test": len(bench.test.x),
        "seed": bench.seed,
        "options": options,
    }


def digits(value: Any) -> Any:
    """Return numbers as JSON holds them, in six significant digits; what is not finite as None.

    Example:
        >>> digits({"a": np.float32(1) / 3, "b": [float("nan")]})
        {'a': 0.333333, 'b': [None]}
    """
    if isinstance(value, dict):
        return {str(key): digits(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [digits(item) for item in value]
    if isinstance(value, np.ndarray):
        return digits(value.tolist())
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS}g}") if isfinite(value) else None
    return value
