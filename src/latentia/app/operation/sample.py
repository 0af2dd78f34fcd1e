"""New examples from the prior."""

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

__all__ = ["Sample", "SampleOptions"]


class SampleOptions(Options):
    """What can be said of samples."""

    n: int = Field(1, ge=1, le=2**31, description="How many.")
    seed: int = Field(0, ge=0, lt=2**63, description="The same seed gives the same samples.")
    temperature: float = Field(
        1.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="What the prior's deviations are multiplied by.",
    )
    values: Literal["mean", "draw"] = Field(
        "draw", description="E[x|z], or a draw x ~ p(x|z); z ~ p(z) both times."
    )


@final
class Sample(Operation):
    """Sample new examples x ~ p(x|z), z ~ p(z), from a seed.

    With `values` mean x is E[x|z] of each z, which is smoother than a draw. At a temperature other
    than 1 samples are no longer those of the model's own p(x).

    Example:
        >>> Sample().count(0, SampleOptions(n=7), Limits())
        7
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "nothing"
    together: ClassVar[bool] = False
    options: ClassVar[type[Options]] = SampleOptions
    again: ClassVar[tuple[str, ...]] = ("seed", "values", "temperature")

    def count(self, rows: int, asked: Any, limits: Limits) -> int:
        """Return how many samples."""
        how = "Ask for fewer at a time; with another seed for other ones."
        return total(asked.n, limits, "n", how)

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return samples, (n, ...)."""
        draw = model.sample if asked.values == "draw" else model.sample_mean
        return {"x": draw(asked.n, temperature=asked.temperature, random_state=asked.seed)}

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the samples, and what gives them again."""
        return examples_told(found["x"], model) | said_again(asked, self.again)

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schema of the samples."""
        return examples(model, "The samples.")
