"""The floor: the model's own products in a row, and one pass of the optimizer."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from math import ceil
from statistics import median

import numpy as np
import torch

# Shapes of linear layers, (from, to), and how many rows of each an example has.
DENSE = {
    "mlp": [
        ((784, 500), 1),
        ((500, 500), 1),
        ((500, 40), 1),
        ((20, 500), 1),
        ((500, 500), 1),
        ((500, 784), 1),
    ],
    "conv": [((1024, 256), 1), ((256, 40), 1), ((20, 256), 1), ((256, 1024), 1)],
    "iwae": [
        ((784, 200), 1),
        ((200, 200), 1),
        ((200, 100), 1),
        ((50, 200), 50),
        ((200, 200), 50),
        ((200, 784), 50),
    ],
}
# Channels in and out, stride, and the side of what comes in.
CONVOLUTIONS = {
    "conv": [
        (1, 32, 2, 28),
        (32, 64, 2, 14),
        (64, 64, 2, 7),
        (64, 64, 1, 7),
        (64, 32, 1, 14),
        (32, 32, 1, 28),
        (32, 1, 1, 28),
    ],
}


def main(path: str, batch: int, epochs: int) -> None:
    """Print a line of JSON for every repetition: seconds of an epoch, by precision."""
    model = os.environ.get("BENCH_MODEL", "mlp")
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    products = {name: _products(model, batch, kind) for name, kind in kinds.items()}
    sizes = [size for size, _ in DENSE[model]]
    sizes += [(b, a * 9) for a, b, *_ in CONVOLUTIONS.get(model, [])]
    weights = [torch.randn(size).requires_grad_() for size in sizes]
    for weight in weights:
        weight.grad = torch.randn_like(weight)
    adam = torch.optim.AdamW(weights, fused=True)
    steps = ceil(len(np.load(path, mmap_mode="r")) / batch)
    for _ in range(epochs):
        found = {name: _seconds(run) * steps for name, run in products.items()}
        line = {**found, "optimizer": _seconds(adam.step) * steps}
        best = min(found.values())
        print(json.dumps({"seconds": best + line["optimizer"], **line}), flush=True)


def _products(model: str, batch: int, kind: torch.dtype) -> Callable[[], object]:
    layers = [
        (
            torch.randn(batch * times, a).to(kind),
            torch.randn(b, a).to(kind),
            torch.randn(batch * times, b).to(kind),
        )
        for (a, b), times in DENSE[model]
    ]
    maps = [
        _convolution(batch, kind, *numbers, first=not number)
        for number, numbers in enumerate(CONVOLUTIONS.get(model, []))
    ]

    def run() -> None:
        for number, (x, weight, gradient) in enumerate(layers):
            torch.mm(x, weight.t())
            torch.mm(gradient.t(), x)
            if number or maps:
                torch.mm(gradient, weight)
        for one in maps:
            one()

    return run


def _convolution(
    batch: int, kind: torch.dtype, a: int, b: int, stride: int, side: int, *, first: bool
) -> Callable[[], object]:
    x = torch.randn(batch, a, side, side).to(kind)
    weight = torch.randn(b, a, 3, 3).to(kind)
    out = torch.nn.functional.conv2d(x, weight, stride=stride, padding=1)
    gradient = torch.randn_like(out)

    def run() -> None:
        torch.nn.functional.conv2d(x, weight, stride=stride, padding=1)
        torch.ops.aten.convolution_backward(
            gradient,
            x,
            weight,
            None,
            (stride, stride),
            (1, 1),
            (1, 1),
            False,
            (0, 0),
            1,
            (not first, True, False),
        )

    return run


def _seconds(run: Callable[[], object]) -> float:
    seconds: list[float] = []
    began = time.perf_counter()
    while len(seconds) < 10 or (len(seconds) < 60 and time.perf_counter() - began < 10):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
