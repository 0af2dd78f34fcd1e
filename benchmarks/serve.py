"""A service under more load than it can take: a table in results/serve.md.

    python benchmarks/serve.py RUN     # a minute and a half; on a machine that does nothing else

Capacity is measured in a closed loop (eight clients that wait for their answers). Then requests
come in an open loop, at one half to three times that rate, whether or not anything is answered:
how many were, how fast, how fast the others were turned away, and what it did to memory. At the
end the closed loop runs again, to see whether the service came back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np

from latentia.estimator._load import load

__all__ = ["measure", "page"]

HERE = Path(__file__).parent
_RATES = (0.5, 1.0, 2.0, 3.0)
_CLIENTS = 8
# Few, so that the queue is full within the first seconds.
_WAITING = 16
_HEAD = """# A service under more load than it can take

`benchmarks/serve.py`: requests come in an open loop, whether or not anything is answered.
Times are seconds, memory is what the process holds more than before, p99 the slowest of a hundred.
Rejected is 429."""


class Answer(NamedTuple):
    """One request: its status, and the seconds until it was there."""

    status: int
    seconds: float


class Asker:
    """Sends the same request again and again."""

    def __init__(self, url: str, body: dict[str, Any], path: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
        self.client = httpx.AsyncClient(base_url=url, timeout=120, limits=limits)
        self.content, self.path = json.dumps(body).encode(), path

    async def ask(self) -> Answer:
        begun = time.perf_counter()
        headers = {"content-type": "application/json"}
        said = await self.client.post(self.path, content=self.content, headers=headers)
        return Answer(said.status_code, time.perf_counter() - begun)

    async def closed(self, seconds: float) -> float:
        """Return answers per second to clients that wait for them."""
        begun, answers = time.perf_counter(), []

        async def one() -> None:
            while time.perf_counter() < begun + seconds:
                answers.append(await self.ask())

        await asyncio.gather(*(one() for _ in range(_CLIENTS)))
        good = sum(answer.status == 200 for answer in answers)
        return good / (time.perf_counter() - begun)

    async def open(self, rate: float, seconds: float) -> tuple[list[Answer], float]:
        """Ask at a rate, waiting for nothing; return the answers, and when the last was there."""
        asked: list[asyncio.Task[Answer]] = []
        begun = time.perf_counter()
        while (now := time.perf_counter() - begun) < seconds:
            while len(asked) < rate * now:
                asked.append(asyncio.ensure_future(self.ask()))
            await asyncio.sleep(0.002)
        answers = list(await asyncio.gather(*asked))
        return answers, time.perf_counter() - begun

    async def memory(self) -> float:
        """Return what the process holds, in MB."""
        said = (await self.client.get("/metrics")).text.splitlines()
        name = "process_resident_memory_bytes "
        return next(float(line.split()[1]) for line in said if line.startswith(name)) / 1e6


async def measure(url: str, run: Path, seconds: float) -> dict[str, Any]:
    """Return the numbers of all rates."""
    asker = Asker(url, _request(run), "/v1/score")
    await asker.closed(1)
    capacity = await asker.closed(seconds)
    before = await asker.memory()
    rows = []
    for times in _RATES:
        answers, took = await asker.open(times * capacity, seconds)
        good = [a.seconds for a in answers if a.status == 200]
        turned = [a.seconds for a in answers if a.status == 429]
        rows.append(
            {
                "times": times,
                "asked": len(answers),
                "answered": len(good),
                "rejected": len(turned),
                "other": len(answers) - len(good) - len(turned),
                "per_second": len(good) / took,
                "median": _quantile(good, 0.5),
                "p99": _quantile(good, 0.99),
                "rejection_p99": _quantile(turned, 0.99),
                "memory_mb": await asker.memory() - before,
            }
        )
    again = await asker.closed(seconds)
    await asker.client.aclose()
    return {"capacity": capacity, "rates": rows, "again": again}


def page(found: dict[str, Any]) -> str:
    """Return the results as Markdown."""
    lines = [
        _HEAD,
        "",
        f"{found['request']}; {found['machine']}, {found['date']}. "
        f"Capacity {found['capacity']:.0f} answers per second, {found['again']:.0f} after it all.",
        "",
        "| load | asked | answered | rejected | other | answers/s | median | p99 | "
        "p99 of rejections | memory |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found["rates"]:
        turned = "" if row["rejection_p99"] is None else f"{row['rejection_p99']:.3f}"
        lines.append(
            f"| {row['times']:g} | {row['asked']} | {row['answered']} | {row['rejected']} | "
            f"{row['other']} | {row['per_second']:.0f} | {row['median']:.3f} | {row['p99']:.3f} | "
            f"{turned} | {row['memory_mb']:+.0f} MB |"
        )
    return "\n".join(lines) + "\n"


def _request(run: Path) -> dict[str, Any]:
    """Return ten rows of the model's own samples, to be scored by 100 samples each."""
    model = load(run, device="cpu")
    known = model.schema_.conditions
    said = {one.name: one.classes[0] if one.classes else one.mean for one in known}
    x = (model.given(said) if said else model).sample(10)
    return {"x": np.asarray(x).tolist(), **({"condition": said} if said else {})}


def _quantile(values: list[float], q: float) -> float | None:
    return float(np.quantile(values, q)) if values else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    given = parser.parse_args()
    command = [sys.executable, "-m", "latentia", "serve", given.run, "--port", "0", "--json"]
    command += ["--max-requests", str(_WAITING)]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    text = ""
    while not text.endswith("}\n"):
        line = process.stdout.readline()
        if not line:
            sys.exit(process.wait())
        text += line
    try:
        found = asyncio.run(measure(json.loads(text)["url"], given.run, given.seconds))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    found |= {
        "request": f"score of 10 examples of {given.run.name}, 100 samples each",
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "date": date.today().isoformat(),
        "exit_code": process.returncode,
    }
    (given.out / "serve.json").write_text(json.dumps(found, indent=2) + "\n")
    (given.out / "serve.md").write_text(page(found))
    print(page(found))


if __name__ == "__main__":
    main()
