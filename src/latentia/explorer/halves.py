"""The halves of a model for a page that has no graphs of them: q(z|x) and p(x|z) by Python."""

from __future__ import annotations

import json
from math import prod
from typing import Any, ClassVar, Literal, final

import numpy as np
import torch
from torch import Tensor

from latentia.app.operation.base import Alive, Array, Arrays, Operation
from latentia.distribution.parameters import parameters
from latentia.distribution.space import onto
from latentia.errors import UsageError
from latentia.estimator.base import Estimator
from latentia.explorer.contents import packed
from latentia.explorer.inner import Inner

__all__ = ["HALVES", "Decoder", "Encoder", "as_bytes", "inputs"]


@final
class Encoder(Inner):
    """The mean and the standard deviation of q(z|x), of x as the model reads them.

    Example:
        >>> Encoder().takes
        'examples'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return `loc` and `scale`, (n, L) each, of x (n, *x_shape)."""
        with torch.no_grad():
            q = model.model_.posterior(*_inputs(model, x))
            return {"loc": _array(q.mean), "scale": _array(q.variance.sqrt())}


@final
class Decoder(Inner):
    """The numbers of p(x|z) by torch's names, where numbers say all of it, and `shown`.

    Example:
        >>> Decoder().takes
        'latents'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "latents"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return the numbers of p(x|z) and E[x|z], of z (n, L): what the graph would give."""
        spine = model.model_
        z, c = _inputs(model, x)
        with torch.no_grad():
            p = spine.likelihood(onto(spine.prior.space, z), c)
            found = {**parameters(p), "shown": spine.likelihood.shown(p)}
            return {name: _array(one) for name, one in found.items() if len(one) == len(z)}


@final
class Prior(Inner):
    """The mean and the standard deviation of p(z|c), of a prior that is one.

    Example:
        >>> Prior().takes
        'latents'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "latents"

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return `loc` and `scale`, (n, L) each, of the conditions of x (n, 0)."""
        with torch.no_grad():
            p = model.model_.prior(model.condition_)
            return {"loc": _array(p.mean), "scale": _array(p.variance.sqrt())}


HALVES: dict[str, Operation] = {"encoder": Encoder(), "decoder": Decoder(), "prior": Prior()}


def inputs(half: str, rows: int, content: bytes, model: Estimator) -> tuple[Array, Array | None]:
    """Return x (n, *x_shape) or z (n, L), and c (n, C) or None, out of the bytes of a request.

    Of the prior, which takes c alone, x is (n, 0).

    Arguments:
        half: `encoder`, `decoder` or `prior`.
        rows: n.
        content: x or z and then c, float32, little end first, in C order.
        model: Whose halves.

    Raises:
        UsageError: if there are not as many numbers as there should be.
    """
    design = model.config_.model
    shapes = {"encoder": tuple(design.x_shape), "decoder": (model.latent_dim_,)}
    shape = shapes.get(half, (0,))
    wide = sum(one.width for one in model.schema_.conditions)
    if half == "prior" and design.prior["name"] != "conditional":
        raise UsageError(
            "The prior of this model sees no conditions.", how="Draw from it with /v1/sample."
        )
    size = prod(shape)
    if rows < 1 or len(content) != 4 * rows * (size + wide):
        raise UsageError(
            f"{len(content)} bytes are not {rows} rows of {size} and {wide} numbers, float32.",
            where="rows",
            how=f"Send {4 * (size + wide)} bytes for each.",
        )
    numbers = np.frombuffer(content, "<f4").astype(np.float32)
    first, c = np.split(numbers, [rows * size])
    return first.reshape(rows, *shape), c.reshape(rows, wide) if wide else None


def as_bytes(found: Arrays) -> bytes:
    r"""Return arrays as one answer: the length of a line of JSON (4 bytes), the line, numbers.

    The line lists name and shape of each; it is filled up with blanks, so that the numbers begin
    at a multiple of four.

    Example:
        >>> as_bytes({"loc": np.zeros((1, 2), np.float32)})[4:]
        b'[{"name": "loc", "dims": [1, 2]}]   \x00\x00\x00\x00\x00\x00\x00\x00'
    """
    told = json.dumps([{"name": name, "dims": list(one.shape)} for name, one in found.items()])
    line = told.encode()
    line += b" " * (-len(line) % 4)
    parts = [packed(np.asarray(one, np.float32)) for one in found.values()]
    return b"".join([len(line).to_bytes(4, "little"), line, *parts])


def _inputs(model: Estimator, x: Array) -> tuple[Tensor, Tensor | None]:
    device = next(model.model_.parameters()).device
    return torch.from_numpy(np.array(x, np.float32)).to(device), model.condition_


def _array(tensor: Tensor) -> Array:
    found: Array = tensor.detach().float().cpu().numpy()
    return found
