"""The ELBO by the score-function gradient, which needs no path through z."""

from __future__ import annotations

from math import inf
from typing import ClassVar, Literal, final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.base import Objective, require_samples, with_gradient_of

__all__ = ["ScoreFunction"]


@final
class ScoreFunction(Objective):
    r"""The ELBO, all sampled, with the gradient of REINFORCE.

    .. math:: \nabla_\phi = E_q\big[(\log w_k - b_k)\, \partial_\phi \log q_\phi(z_k|x)\big],
        \quad w = \frac{p(x|z)\, p(z)}{q(z|x)}

    It asks nothing of p(x|z) but its value, so it is the only way through latents without a
    gradient; where there is one, reparameterization varies far less. The baseline b_k is the mean
    log w of the other samples: independent of z_k, so it moves no expectation.

    Arguments:
        samples: K, draws of z for each example.
        baseline: `leave-one-out`, of at least two samples, or `none`.

    References:
        Williams, 1992; Paisley, Blei and Jordan, 2012; Mnih and Rezende, "Variational inference
        for Monte Carlo objectives", 2016; Kool, van Hoof and Welling, 2019.

    Example:
        >>> ScoreFunction(samples=4).reparameterizes
        False
    """

    reparameterizes: ClassVar[bool] = False

    def __init__(
        self,
        *,
        samples: int = 4,
        baseline: Literal["leave-one-out", "none"] = "leave-one-out",
    ) -> None:
        if baseline not in ("leave-one-out", "none"):
            raise UsageError(
                f"There is no baseline {baseline!r}.",
                where="--objective.baseline",
                how="Choose one of: leave-one-out, none.",
            )
        self.samples = require_samples("samples", samples, 1 if baseline == "none" else 2)
        self.baseline = baseline

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the mean log weight, (B,) nats, with the gradient of the score function."""
        log_w = terms.log_w
        advantage = (log_w - self._baseline(log_w)).detach()
        surrogate = terms.log_px_z + terms.log_pz + advantage * terms.log_qz_x
        return with_gradient_of(log_w.mean(0), surrogate.mean(0))

    def _baseline(self, log_w: Tensor) -> Tensor:
        """Return b_k, (K, B): the mean of the others, or nothing."""
        if self.baseline == "none" or len(log_w) < 2:
            return torch.zeros_like(log_w)
        return (log_w.sum(0) - log_w) / (len(log_w) - 1)
