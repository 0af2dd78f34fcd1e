"""Put the tutorial's claims to the test: numbers, a verdict and a figure for each."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from latentia.options import by_member, member_options, named_member
from latentia.shell import Shell

__all__ = ["OPTIONS", "lab"]

OPTIONS = member_options("lab")
_MARKS = {"confirmed": "holds", "refuted": "FAILS", "undecided": "open"}


def lab(
    shell: Shell,
    *names: str,
    all_: bool = False,
    data: str = "auto",
    out: Path = Path("runs/lab"),
    data_root: str | None = None,
    **options: Any,
) -> None:
    """Run experiments by NAME; without one, list them with their claims.

    An experiment states a claim of the tutorial, measures, and says what follows: confirmed,
    refuted, or undecided where the difference is within two standard errors. Models are trained
    once and kept in the cache.

    Arguments:
        all_: Run all of them.
        data: Grey images with labels, by name or path; by default full MNIST if it is on this
            machine, else the embedded mnist5k.
        out: Folder for NAME.png and NAME.json.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    from latentia import lab as experiments

    wanted = experiments.names() if all_ else [named_member("lab", name, "NAME") for name in names]
    given = by_member(options, wanted, "is not to be run")
    if not wanted:
        _list(shell)
        return
    bench = experiments.bench(data, root=data_root, seed=shell.seed_or_zero, say=shell.say)
    reports = []
    for name in wanted:
        started = time.monotonic()
        report = experiments.run(name, bench, out, **given.get(name, {}))
        reports.append(report)
        if not shell.as_json:
            shell.give(report, _text(report))
        shell.say(f"{time.monotonic() - started:.0f} s, figure {report['figure']}\n")
    if shell.as_json:
        shell.give(reports[0] if len(reports) == 1 else {"experiments": reports}, "")


def _list(shell: Shell) -> None:
    from latentia import lab as experiments

    claims = {name: experiments.claim(name) for name in experiments.names()}
    width = max(map(len, claims))
    lines = [f"{name:<{width}}  {claim}" for name, claim in claims.items()]
    found = [{"name": name, "claim": claim} for name, claim in claims.items()]
    shell.give({"experiments": found}, "\n".join(lines))


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['name']}: {report['claim']}"]
    for check in report["checks"]:
        error = f" +- {check['error']:.2g}" if check["error"] else ""
        lines.append(
            f"  {_MARKS[check['verdict']]}  {check['what']}: {_number(check['value'])}{error}"
            f" {check['relation']} {_number(check['bound'])} {check['unit']}".rstrip()
        )
    lines.append(
        f"  {report['verdict']}, on {report['data']} ({report['n_train']} training images)"
    )
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"
