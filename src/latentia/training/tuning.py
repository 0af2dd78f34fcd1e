"""Choices of speed: the precision of products, and whether a step is compiled or recorded."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.base import Objective
from latentia.training.compiled import has_regions
from latentia.training.critic import as_written
from latentia.training.settings import Settings
from latentia.view import Examples

__all__ = ["tuned", "work"]

# Floating-point operations of a whole run from which choices of speed matter at all (seconds of
# work), and from which a compiled step has earned the time that its compilation takes.
_MATTERS, _LONG = 1e12, 2e13
# The same on a GPU, where a recorded step leaves a compiler less to gain.
_LONG_THERE = 2e14
# How much faster products of bfloat16 must be for the copies of weights that they need.
_WORTH = 1.5
# Of every product: forward, and back to weights and to inputs.
_PASSES = 3


def work(model: nn.Module, run: Callable[[], object]) -> float:
    """Return the floating-point operations of linear layers and convolutions.

    Arguments:
        model: The model whose layers are counted.
        run: Does the work, forward only.

    Example:
        >>> layer = nn.Linear(3, 5)
        >>> work(layer, lambda: layer(torch.zeros(2, 3)))
        60.0
    """
    total = 0.0

    def count(layer: nn.Module, inputs: object, out: Tensor) -> None:
        nonlocal total
        weight = cast(Tensor, layer.weight)
        # Every number that comes out is a sum of as many products as a row of weights is long.
        total += 2 * out.numel() * weight[0].numel()

    layers = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    try:
        run()
    finally:
        for hook in hooks:
            hook.remove()
    return total


def tuned(
    settings: Settings,
    model: LatentVariableModel,
    objective: Objective,
    examples: Examples,
    forward: float,
) -> tuple[Settings, list[str]]:
    """Choose the precision and whether to compile, where they were left open.

    Whether to compile depends on the model and on how much there is to train, never on the clock.
    Products are timed against each other; their ratio is a matter of the processor (0.5 on an
    Intel, 2 on an AMD with AVX512-BF16), far from where it decides. So the same command gives the
    same numbers.

    Arguments:
        settings: Settings whose epochs and batch size are chosen.
        model: The model, where it will be trained.
        objective: What is maximized.
        examples: Training examples.
        forward: Operations of one example's way forward.

    Returns:
        The settings, and sentences that say why, where there was something to choose.

    Raises:
        UsageError: if a step is to be recorded where there is no GPU, or to be compiled or
            recorded where a critic learns beside the model.
    """
    total = _PASSES * forward * len(examples) * settings.epochs
    precision, compiles, reasons = settings.precision, settings.compile, []
    device = next(model.parameters()).device
    if precision == "auto":
        # Where the digits of the decoder's numbers are nats, they stay exact.
        gain = _gain(device) if total > _MATTERS and model.likelihood.is_coarse else 0.0
        precision = "bfloat16" if gain > _WORTH else "float32"
        if gain:
            reasons.append(
                f"precision   {precision}: products of bfloat16 take "
                f"{1 / gain:.2g} times as long here as those of float32"
            )
    if compiles == "graph" and device.type != "cuda":
        raise UsageError(
            "Only a GPU records its steps.",
            where="--compile graph",
            how="Use --compile yes for a compiled step, or leave --compile out.",
        )
    if objective.contested:
        compiles = as_written(compiles)
    if compiles == "auto":
        there = device.type == "cuda"
        # A compiler does not see what depends on which cells are there.
        whole = model.posterior.compiles and model.prior.compiles
        # What is compiled in parts is a quarter quicker on a GPU, and no quicker on a processor.
        seen = objective.compiles and (whole or (there and has_regions(model)))
        plain = examples.complete and seen and _can_compile(device)
        same = examples.complete and objective.records
        compiles = "graph" if there and same else "no"
        if plain and total > (_LONG_THERE if there else _LONG):
            compiles = "yes"
            reasons.append(
                f"compile     yes: {total:.1e} operations are worth the seconds that it takes"
            )
        elif compiles == "graph":
            reasons.append("compile     graph: a recorded step is launched as one")
    return settings.model_copy(update={"precision": precision, "compile": compiles}), reasons


def _gain(device: torch.device) -> float:
    """Return how many times faster products of bfloat16 are than those of float32."""
    # On a GPU small ones would measure the way to it.
    size, many = (512, 1) if device.type == "cpu" else (4096, 10)
    seconds = []
    for kind in (torch.float32, torch.bfloat16):
        a = torch.ones(size, size, device=device, dtype=kind)
        runs = []
        for _ in range(7):
            began = time.perf_counter()
            for _ in range(many):
                b = a @ a
            float(b[0, 0])  # waits for all of them
            runs.append(time.perf_counter() - began)
        seconds.append(min(runs))
    return seconds[0] / seconds[1]


def _can_compile(device: torch.device) -> bool:
    return device.type == "cuda" or any(shutil.which(name) for name in ("c++", "g++", "clang++"))
