"""Decodes on the way between two examples."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

from pydantic import Field

from latentia.app.limits import Limits
from latentia.app.operation.base import (
    Alive,
    Array,
    Arrays,
    Operation,
    Options,
    examples_told,
    said_again,
    total,
)
from latentia.app.spec import Spec, examples
from latentia.estimator.base import Estimator
from latentia.estimator.semi_supervised_vae import SemiSupervisedVAE

__all__ = ["Interpolate", "InterpolateOptions"]

_WORD: Spec = {"type": "string"}


class InterpolateOptions(Options):
    """What can be said of a way."""

    steps: int = Field(11, ge=2, le=2**31, description="How many decodes, both ends included.")
    method: Literal["linear", "spherical"] = Field(
        "linear", description="Straight, or along the sphere that a normal prior expects."
    )


@final
class Interpolate(Operation):
    """Decode the way between two examples through the latent space.

    Where the class is a latent and none is given, each half of the way is under the most probable
    class of its end; `classes` tells both.

    Example:
        >>> Interpolate().exactly
        2
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"
    together: ClassVar[bool] = False
    options: ClassVar[type[Options]] = InterpolateOptions
    exactly: ClassVar[int | None] = 2
    again: ClassVar[tuple[str, ...]] = ("steps", "method")
    sometimes: ClassVar[tuple[str, ...]] = ("classes",)

    def count(self, rows: int, asked: Any, limits: Limits) -> int:
        """Return the number of steps."""
        return total(asked.steps, limits, "steps", "Ask for fewer steps.")

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return the decodes, (steps, ...)."""
        found = {"x": model.interpolate(x[0], x[1], steps=asked.steps, method=asked.method)}
        if isinstance(model, SemiSupervisedVAE) and model.condition_ is None:
            found["classes"] = model.predict(x).astype(str)
        return found

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the decodes and what they are."""
        classes = {"classes": found["classes"].tolist()} if "classes" in found else {}
        return examples_told(found["x"], model) | said_again(asked, self.again) | classes

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schemas of the decodes and, where they are latents, of the classes."""
        told = examples(model, "The decodes, from the first example to the second.")
        if isinstance(model, SemiSupervisedVAE):
            what = "The most probable class of each end; only where no condition was given."
            told["classes"] = {"type": "array", "items": _WORD, "description": what}
        return told
