"""What the page has done by the model's own thread: graphs, encoded examples, drawn examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, final

import numpy as np
import torch

from latentia.app.operation.base import Alive, Array, Arrays, Operation, Portions, at_once
from latentia.estimator._nats import nats_of
from latentia.estimator.base import Estimator
from latentia.evaluation.bound import per_example
from latentia.explorer.inner import Inner
from latentia.portable import written
from latentia.rng import seeded
from latentia.view import BATCH

__all__ = ["Drawn", "Encoded", "Graphs", "Of", "PriorDraws"]


@final
class Of(Inner):
    """What is done with another model than that of the thread: one beside it, or of an epoch.

    Two threads would disturb each other's random numbers, so one thread works with all of them.

    Arguments:
        model: Returns the model; asked in the thread.
        operation: What is done with it.

    Example:
        >>> Of(lambda: None, Encoded()).operation.takes
        'examples'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "nothing"

    def __init__(self, model: Callable[[], Estimator], operation: Operation) -> None:
        self._model, self.operation = model, operation

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return what the operation gives for the other model under the same conditions."""
        return at_once(self.portions(model, x, asked, alive))

    def portions(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Portions:
        """Do it in the portions of the operation."""
        return self.operation.portions(self._model().under(model.condition_), x, asked, alive)


@final
class Graphs(Inner):
    """The model as ONNX graphs, as bytes by name, and `described` as JSON.

    Example:
        >>> Graphs().takes
        'nothing'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "nothing"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return the bytes of each file."""
        spine = model.model_
        device = next(spine.parameters()).device
        try:
            graphs, described = written(spine, model.config_)
        finally:
            spine.to(device)  # what is between two portions goes on where it was
        files = {f"{name}.onnx": content for name, content in graphs.items()}
        files["described"] = json.dumps(described).encode()
        return {name: np.frombuffer(content, np.uint8) for name, content in files.items()}


@final
class Encoded(Inner):
    """Where examples lie and what they cost: q(z|x), and the ELBO with its parts, in nats.

    Means and deviations are those of x as it is, the ELBO is that of the draw of a dynamic
    binarization (see `Drawn`), as `latentia evaluate` reports it.

    A portion is a batch of `Examples.pairs`, whose noise is a function of its place among all, so
    that numbers are bitwise those of `moments` and `elbo` of all examples at once.

    Example:
        >>> Encoded().takes
        'examples'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return mean and deviation (n, L), kl_per_dim (n, L) where there is one, parts (n,).

        Where any cell is missing, `cells` (n,) says how many are there: log p(x|z) is a sum over
        them.
        """
        return at_once(self.portions(model, x, asked, alive))

    def portions(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Portions:
        """Do it batch by batch, of each first the moments and then the ELBO."""
        # Whether any cell is missing is asked of all examples, not of a batch of them.
        examples, c, n = model.examples(x), model.condition_, len(x)
        found: Arrays = {}
        for batch in range(-(-n // BATCH)):
            rows = slice(batch * BATCH, (batch + 1) * BATCH)
            under = model if c is None or len(c) == 1 else model.under(c[rows])
            mean, deviation = under.moments(x[rows])
            _store(found, {"mean": mean, "deviation": deviation}, rows, n)
            yield
            each = per_example(model.model_, examples, batch=batch)
            _store(found, nats_of(model.model_, each)._asdict(), rows, n)
            if not examples.complete:
                there = (~examples.stored[rows].isnan()).flatten(1).sum(1)
                _store(found, {"cells": there.cpu().numpy()}, rows, n)
            yield
        return found


@final
class Drawn(Inner):
    """Examples as the ELBO's numbers are about them: drawn black or white, where they are drawn.

    Example:
        >>> Drawn().together
        False
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return x (k, *x_shape) of the places `asked` among all examples x (n, ...)."""
        # The draws of a batch are a function of where it begins.
        starts = [place // BATCH * BATCH for place in asked]
        batches = {start: _drawn(model, x, start) for start in set(starts)}
        pairs = zip(asked, starts, strict=True)
        return {"x": np.stack([batches[start][place - start] for place, start in pairs])}


@final
class PriorDraws(Inner):
    """Draws z ~ p(z), for a page that can draw from N(0, I) alone.

    Example:
        >>> PriorDraws().takes
        'nothing'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "nothing"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return `prior`, (`asked`, L); nothing of a model without a prior, or of p(z|c)."""
        spine = model.model_
        if not spine.prior.is_proper or model.config_.model.prior["name"] == "conditional":
            return {}
        with torch.no_grad(), seeded(0, 3):
            return {"prior": spine.draw_prior(asked).cpu().numpy()}


def _store(found: Arrays, parts: Mapping[str, Array | None], rows: slice, n: int) -> None:
    """Write the numbers of some of n examples, those that there are, into arrays for all."""
    for name, part in parts.items():
        if part is None:
            continue
        if name not in found:
            found[name] = np.empty((n, *part.shape[1:]), np.float32)
        found[name][rows] = part


def _drawn(model: Estimator, x: Array, start: int) -> Array:
    """Return the batch of examples x (n, ...) that begins at a place, as it is drawn."""
    examples = model.under(None).examples(x[start : start + BATCH])
    with seeded(0, 0, start):
        batch = examples.read(torch.arange(len(examples)))
    drawn: Array = batch.cpu().numpy()
    return drawn
