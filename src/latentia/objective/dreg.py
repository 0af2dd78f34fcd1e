"""The importance-weighted bound with doubly reparameterized gradients."""

from __future__ import annotations

from math import inf, log
from typing import ClassVar, final

from torch import Tensor

from latentia.model import Terms
from latentia.objective.base import Objective, heard, require_samples, with_gradient_of

__all__ = ["DReG"]


@final
class DReG(Objective):
    r"""The bound of IWAE; the encoder's gradient gains signal with K instead of losing it.

    .. math:: \nabla_\phi = E\Big[\sum_k \tilde w_k^2\, \partial_z \log w_k\,
        \partial_\phi z_k\Big], \quad
        \nabla_\theta = E\Big[\sum_k \tilde w_k\, \partial_\theta \log w_k\Big], \quad
        \tilde w_k = \frac{w_k}{\sum_j w_j}

    The expectation is that of IWAE's own gradient. With one sample it is that of sticking the
    landing.

    Arguments:
        samples: K, draws of z for each example.

    References:
        Tucker, Lawson, Gu and Maddison, "Doubly reparameterized gradient estimators for Monte
        Carlo objectives", 2019.

    Example:
        >>> DReG(samples=8).samples
        8
    """

    path_only: ClassVar[bool] = True

    def __init__(self, *, samples: int = 5) -> None:
        self.samples = require_samples("samples", samples)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return log of the mean importance weight, (B,) nats, with its own gradient."""
        log_w = terms.log_w
        share = heard(log_w, 0).softmax(0).detach()
        if terms.z is not None and terms.z.requires_grad:
            # What flows back through z is weighted a second time; the decoder's is not.
            terms.z.register_hook(lambda slope: share[..., None] * slope)  # type: ignore[no-untyped-call]
        bound = log_w.logsumexp(0) - log(len(log_w))
        return with_gradient_of(bound, (share * log_w).sum(0))
