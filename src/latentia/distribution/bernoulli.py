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
# Pixels that stay in a processor's own cache while passes are made over them.
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
        if p.numel() > _CACHED and p.ndim > 1 and p.dtype == torch.float32 and not p.is_cuda:
            return _drawn(p)
        return (torch.rand_like(p) < p).to(p.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, of the shape to which value and logits broadcast."""
        if value.requires_grad:
            return value * self.logits - softplus(self.logits, threshold=_LINEAR)
        return _LogProb.apply(self.logits, value)  # type: ignore[no-any-return, no-untyped-call]


def _drawn(p: Tensor) -> Tensor:
    """Return 1 where u < p, for u of 24 bits, of which each element draws only the first 16.

    Drawing is serial, and dearer than all else here. The last bits, which decide one element in
    65,536, are shared by all that are equal but for their first index: what they decide together
    has a probability of 2**-32 for each pair.
    """
    words = torch.empty(-(-p.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
    first = words.view(torch.int16)[: p.numel()].view(p.shape)
    # In the middle of its step of 1/256, and all around 0: exact in float32, and p = 0 and p = 1
    # are certain.
    rest = torch.randint(256, p.shape[1:]).mul_(2).add_(1).div(512)
    u = torch.empty(p.shape).copy_(first)
    return torch.lt(u, torch.add(rest.add_(2.0**15).neg_(), p, alpha=2.0**16), out=u)


def _softplus(logits: Tensor) -> Tensor:
    """Return log(1 + exp(l)) in five passes of the fastest kind.

    What torch's own has beyond that (log1p) takes longer than all of them, and would make it exact
    for l below -16 too, where this is off by at most 6e-8.
    """
    if torch.compiler.is_compiling():  # which fuses passes by itself
        return torch.maximum(logits.clamp(max=_LINEAR).exp().add(1).log(), logits)
    found = logits.clamp(max=_LINEAR).exp_().add_(1).log_()
    return torch.maximum(found, logits)


class _LogProb(torch.autograd.Function):
    """x l - log(1 + exp(l)) in three passes, and three more for its gradient in l."""

    generate_vmap_rule = True

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def forward(logits: Tensor, x: Tensor) -> Tensor:
        if torch.compiler.is_compiling():
            # torch 2.11 loses the gradient of what is changed in place here.
            return x * logits - _softplus(logits)
        return (x * logits).sub_(_softplus(logits))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        logits, x = ctx.saved_tensors
        p = torch.threshold(torch.sigmoid(logits), _NOTHING, 0.0)
        return ((x - p) * gradients[0]).sum_to_size(logits.shape), None


@final
class IndependentBernoulli(Independent[Distribution]):
    """Bernoullis of the pixels of images: quick to score by the thousand.

    Where no gradient is asked for, a processor scores some hundred images at a time in one buffer,
    which stays in its cache from one pass to the next; the numbers are the same.

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
        self._logits = base.logits

    def expand(self, batch_shape: Any, _instance: Any = None) -> IndependentBernoulli:
        """Return the same distribution with its logits expanded to a batch shape."""
        logits = self._logits.expand((*batch_shape, *self.event_shape))
        return IndependentBernoulli(Bernoulli(logits), self.reinterpreted_batch_ndims)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(value) in nats, of the shape to which value and batch broadcast."""
        logits = self._logits
        # One value for all of the first dimension, which may then be taken apart.
        apart = value.shape == logits.shape[1:] and logits.numel() > _CACHED
        if not apart or torch.is_grad_enabled() or logits.device.type != "cpu":
            return super().log_prob(value)  # type: ignore[no-any-return, no-untyped-call]
        rows = max(1, _CACHED * len(logits) // logits.numel())
        parts: tuple[Tensor, ...] = logits.split(rows)  # type: ignore[no-untyped-call]
        buffer = torch.empty_like(parts[0])
        return torch.cat([self._scored(part, value, buffer[: len(part)]) for part in parts])

    def _scored(self, logits: Tensor, value: Tensor, out: Tensor) -> Tensor:
        torch.clamp(logits, max=_LINEAR, out=out).exp_().add_(1).log_()
        torch.maximum(out, logits, out=out).addcmul_(logits, value, value=-1)
        return out.flatten(-self.reinterpreted_batch_ndims).sum(-1).neg_()
