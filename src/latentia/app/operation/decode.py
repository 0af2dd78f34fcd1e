"""E[x|z] of latents."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

from latentia.app.operation.base import Alive, Array, Arrays, Operation, examples_told
from latentia.app.spec import Spec, examples
from latentia.estimator.base import Estimator

__all__ = ["Decode"]


@final
class Decode(Operation):
    """Decode latents into E[x|z]: pixels in [0, 1], or the units of a table.

    Latents are means that `/v1/encode` gave, or any others of their length. Where p(x|z) has no
    mean, x is what stands for it.

    Example:
        >>> Decode().takes
        'latents'
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "latents"
    together: ClassVar[bool] = True

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return E[x|z], (n, ...)."""
        return {"x": model.inverse_transform(x)}

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return the examples."""
        return examples_told(found["x"], model)

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schema of the examples."""
        return examples(model, "E[x|z] of each row of latents.")
