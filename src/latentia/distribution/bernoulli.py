"""A Bernoulli that is quick to score, and whose gradient ends in zero."""

from __future__ import annotations

from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Distribution, Independent
from torch.nn.functional import softplus

__all__ = ["Bernoulli", "IndependentBernoulli"]

# From here on log(1 + exp(l)) is l to the last bit of a double.
_LINEAR = 40.0
# Below this a probability counts for nothing in any sum of float32 over pixels (nor does it in the
# value, which is left as it is). Carried along, it becomes a gradient of 1e-40, which processors
# handle a hundred times slower than other numbers, and its square sooner still.
_NOTHING = 1e-13
# Pixels that a processor's own cache holds three times.
_CACHED = 1 << 18


@final
class Bernoulli(TorchBernoulli):
    r"""The Bernoulli distribution of logits l.

    .. math:: \log p(x) = x\, l - \log(1 + e^l), \quad
        \frac{\partial}{\partial l} \log p(x) = x - \frac{1}{1 + e^{-l}}

    The value may lie between 0 and 1; then this is the cross-entropy of the tutorial's code. In
    the gradient, a probability below 1e-13 is 0.

    Arguments:
        logits: l, any shape.

    Example:
        >>> Bernoulli(torch.tensor([0.0, -3.0])).log_prob(torch.tensor([1.0, 0.0]))
        tensor([-0.6931, -0.0486])
    """

    def __init__(self, logits: Tensor) -> None:
        super().__init__(logits=logits, validate_args=False)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Bernoulli:
        """Return the same distribution with its logits expanded to a batch shape."""
        return Bernoulli(self.logits.expand(batch_shape))

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw zeros and ones; torch's own kernel for this takes three times as long."""
        p = self.probs.expand(self._extended_shape(torch.Size(sample_shape)))
        return (torch.rand_like(p) < p).to(p.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, of the shape to which value and logits broadcast."""
        if value.requires_grad:
            return value * self.logits - softplus(self.logits, threshold=_LINEAR)
        return _LogProb.apply(self.logits, value)  # type: ignore[no-any-return, no-untyped-call]


def _softplus(logits: Tensor) -> Tensor:
    """Return log(1 + exp(l)) in five passes of the fastest kind.

    What torch's own has beyond that (log1p) takes longer than all of them, and would make it exact
    for l below -16 too, where this is off by at most 6e-8.
    """
    found = logits.clamp(max=_LINEAR).exp_().add_(1).log_()
    return torch.maximum(found, logits, out=found)


class _LogProb(torch.autograd.Function):
    """x l - log(1 + exp(l)) in three passes, and three more for its gradient in l."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, x: Tensor) -> Tensor:
        ctx.save_for_backward(logits, x)
        return (x * logits).sub_(_softplus(logits))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        logits, x = ctx.saved_tensors
        p = torch.threshold(torch.sigmoid(logits), _NOTHING, 0.0)
        return ((x - p) * gradients[0]).sum_to_size(logits.shape), None


@final
class IndependentBernoulli(Independent[Distribution]):
    """Independent Bernoullis as one distribution over images, quick to score by the thousand.

    Where no gradient is asked for, images are scored some hundreds at a time: what the passes over
    their pixels leave for each other then stays in the processor's cache.

    Arguments:
        base: Bernoullis, batch shape (..., *event).
        ndims: The number of dimensions of an event.

    Example:
        >>> p = IndependentBernoulli(Bernoulli(torch.zeros(5, 3, 4)), 1)
        >>> p.log_prob(torch.ones(3, 4)).shape
        torch.Size([5, 3])
    """

    def __init__(self, base: Bernoulli, ndims: int) -> None:
        super().__init__(base, ndims, validate_args=False)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, of the shape to which value and batch broadcast."""
        logits: Tensor = self.base_dist.logits  # type: ignore[attr-defined]
        # Where a value is for all of the first dimension, that may be taken apart.
        apart = logits.device.type == "cpu" and value.dim() < logits.dim()
        rows = _CACHED * len(logits) // max(1, logits.numel()) if apart else 0
        if torch.is_grad_enabled() or not 0 < rows < len(logits):
            return self._summed(self.base_dist, value)
        parts: tuple[Tensor, ...] = logits.split(rows)  # type: ignore[no-untyped-call]
        return torch.cat([self._summed(Bernoulli(part), value) for part in parts])

    def expand(self, batch_shape: Any, _instance: Any = None) -> IndependentBernoulli:
        """Return the same distribution with its logits expanded to a batch shape."""
        base = self.base_dist.expand((*batch_shape, *self.event_shape))
        return IndependentBernoulli(base, self.reinterpreted_batch_ndims)

    def _summed(self, each: Distribution, value: Tensor) -> Tensor:
        nats: Tensor = each.log_prob(value)
        return nats.flatten(-self.reinterpreted_batch_ndims).sum(-1)
