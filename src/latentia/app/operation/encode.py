"""Means and standard deviations of q(z|x)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

import numpy as np

from latentia.app.operation.base import Alive, Array, Arrays, Operation
from latentia.app.spec import COUNT, Spec, listed
from latentia.estimator.base import Estimator

__all__ = ["Encode"]


@final
class Encode(Operation):
    """Encode examples: the means and standard deviations of q(z|x).

    x is encoded as it is: greys are not drawn black or white. The means are latents that
    `/v1/decode` takes.

    Example:
        >>> Encode().together
        True
    """

    takes: ClassVar[Literal["examples", "latents", "nothing"]] = "examples"
    together: ClassVar[bool] = True
    makes_examples: ClassVar[bool] = False
    array_is: ClassVar[str] = "Means, then standard deviations, (2, n, latents)."

    def run(self, model: Estimator, x: Array, asked: Any, alive: Alive) -> Arrays:
        """Return means and deviations, (n, L) each."""
        mean, deviation = model.moments(x)
        return {"mean": mean, "deviation": deviation}

    def told(self, found: Arrays, asked: Any, model: Estimator) -> dict[str, Any]:
        """Return both by name."""
        n, latents = found["mean"].shape
        return {"n": n, "latents": latents, **found}

    def tells(self, model: Estimator) -> dict[str, Spec]:
        """Return the schemas of both."""
        latents = model.latent_dim_
        return {
            "n": COUNT,
            "latents": {"type": "integer", "description": "L, how many latents each has."},
            "mean": listed("The mean of q(z|x), (n, L).", latents),
            "deviation": listed("The standard deviation of q(z|x), (n, L).", latents),
        }

    def array(self, found: Arrays) -> Array:
        """Return both, (2, n, L)."""
        return np.stack([found["mean"], found["deviation"]])
