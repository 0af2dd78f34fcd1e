"""The ELBO with the path derivative only."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

from torch import Tensor

from latentia.model import Terms
from latentia.objective.base import Objective, require_samples

__all__ = ["StickingTheLanding"]


@final
class StickingTheLanding(Objective):
    r"""The ELBO, all sampled, whose gradient leaves out the score of q.

    .. math:: \nabla_\phi = E_\varepsilon\big[\partial_z
        \big(\log p(x, z) - \log q_\phi(z|x)\big)\, \partial_\phi z\big], \quad
        E_q[\partial_\phi \log q_\phi(z|x)] = 0

    The term left out has expectation zero but a variance that does not vanish: without it, the
    gradient is exactly zero where q is the true posterior.

    Arguments:
        samples: K, draws of z for each example.

    References:
        Roeder, Wu and Duvenaud, "Sticking the landing", 2017.

    Example:
        >>> StickingTheLanding().path_only
        True
    """

    path_only: ClassVar[bool] = True

    def __init__(self, *, samples: int = 1) -> None:
        self.samples = require_samples("samples", samples)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the mean log weight, (B,) nats."""
        return terms.log_w.mean(0)
