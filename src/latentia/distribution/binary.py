"""Latents that are 0 or 1, with a gradient in spite of it."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Bernoulli, register_kl
from torch.nn.functional import softplus

from latentia.distribution.relaxation import Relaxation

__all__ = ["Binary"]


@final
class Binary(Bernoulli):
    r"""A Bernoulli whose draws pass the gradient that their probability would.

    .. math:: z \sim B(p), \quad \frac{\partial z}{\partial p} := 1

    The straight-through estimate: exact for whatever is linear in z, biased for the rest. An
    objective that needs no derivative of z (`score-function`) has no such bias. Or the derivative
    is that of the relaxed draw of which z is the rounding.

    Arguments:
        logits: The log odds of 1, any shape.
        relaxation: By what draws the gradient passes instead, or None.

    References:
        Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
        neurons for conditional computation", 2013.

    Example:
        >>> logits = torch.zeros(2, requires_grad=True)
        >>> Binary(logits).rsample().sum().backward()
        >>> logits.grad
        tensor([0.2500, 0.2500])
    """

    has_rsample = True

    def __init__(self, logits: Tensor, relaxation: Relaxation | None = None) -> None:
        super().__init__(logits=logits, validate_args=False)
        self.relaxation = relaxation

    def expand(self, batch_shape: Any, _instance: Any = None) -> Binary:
        """Return the same distribution with its logits expanded to a batch shape."""
        return Binary(self.logits.expand(batch_shape), self.relaxation)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw zeros and ones, with a gradient."""
        if self.relaxation is not None:
            return self.relaxation.binary(self.logits, torch.Size(sample_shape)).straight
        z: Tensor = self.sample(torch.Size(sample_shape))  # type: ignore[no-untyped-call]
        return z + (self.probs - self.probs.detach())


@register_kl(Binary, Bernoulli)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_binary_bernoulli(q: Binary, p: Bernoulli) -> Tensor:
    """Q log(q / p) + (1 - q) log((1 - q) / (1 - p)); torch's own does not broadcast."""
    yes = softplus(-p.logits) - softplus(-q.logits)
    no = softplus(p.logits) - softplus(q.logits)
    found: Tensor = q.probs * yes + (1 - q.probs) * no
    return found
