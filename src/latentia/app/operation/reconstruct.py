"""E[x|z] at the posterior means of examples."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

from latentia.app.operation.base import Alive, Array, Arrays, Operation, examples_told
from latentia.app.spec import Spec, examples
from latentia.estimator.base import Estimator

__all__ = ["Reconstruct"]


@final
class Reconstruct(Operation):
    """Reconstruct examples: E[x|z] at their posterior means.

    What `/v1/decode` makes of the means of `/v1/encode`: nothing is drawn.

    Example:
        >>> Reconstruct().together
        True
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"
    together: ClassVar[bool] = True

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return E[x|z], (n, ...)."""
        return {"x": model.reconstruct(x)}

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the examples."""
        return examples_told(found["x"], model)

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schema of the examples."""
        return examples(model, "The reconstruction of each example.")
