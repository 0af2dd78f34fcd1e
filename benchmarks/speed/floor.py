"""The floor: the model's own matrix products in a row, and one pass of the optimizer."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from math import ceil
from statistics import median

import torch

SIZES = ((784, 500), (500, 500), (500, 40), (20, 500), (500, 500), (500, 784))
N = 60_000


def main(path: str, batch: int, epochs: int) -> None:
    """Print a line of JSON for every repetition: seconds of an epoch, by precision."""
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    products = {name: _products(batch, kind) for name, kind in kinds.items()}
    weights = [torch.randn(size).requires_grad_() for size in SIZES]
    for weight in weights:
        weight.grad = torch.randn_like(weight)
    adam = torch.optim.AdamW(weights, fused=True)
    steps = ceil(N / batch)
    for _ in range(epochs):
        found = {name: _seconds(run) * steps for name, run in products.items()}
        line = {**found, "optimizer": _seconds(adam.step) * steps}
        best = min(found.values())
        print(json.dumps({"seconds": best + line["optimizer"], **line}), flush=True)


def _products(batch: int, kind: torch.dtype) -> Callable[[], object]:
    layers = [
        (
            torch.randn(batch, a).to(kind),
            torch.randn(b, a).to(kind),
            torch.randn(batch, b).to(kind),
        )
        for a, b in SIZES
    ]

    def run() -> None:
        for number, (x, weight, gradient) in enumerate(layers):
            torch.mm(x, weight.t())
            torch.mm(gradient.t(), x)
            if number:
                torch.mm(gradient, weight)

    return run


def _seconds(run: Callable[[], object]) -> float:
    seconds = []
    for _ in range(60):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return median(seconds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
