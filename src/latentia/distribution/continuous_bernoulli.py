"""The continuous Bernoulli, written in its logit so that it is exact everywhere in float32."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.nn.functional import softplus

__all__ = ["ContinuousBernoulli"]

# Below this |logit| the closed forms lose digits in float32, and the series is exact to 1e-7.
_SMALL = 0.25


@final
class ContinuousBernoulli(Distribution):
    r"""The density on [0, 1] that a grey pixel has under a "Bernoulli" decoder.

    .. math:: \log p(x) = x \lambda - \log(1 + e^\lambda) + \log \frac{\lambda}{\tanh(\lambda / 2)}

    The last term is the normalizing constant that cross-entropy on grey values forgets.
    torch's class works with clamped probabilities, and its constant is off where they saturate;
    this one works with the logit alone.

    Arguments:
        logits: The logit :math:`\lambda`, any shape.

    References:
        Loaiza-Ganem and Cunningham, "The continuous Bernoulli", 2019.

    Example:
        >>> ContinuousBernoulli(torch.zeros(3)).log_prob(torch.tensor([0.0, 0.3, 1.0]))
        tensor([0., 0., 0.])
    """

    arg_constraints = {"logits": constraints.real}  # noqa: RUF012 (torch's own protocol)
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits
        super().__init__(logits.shape, validate_args=False)

    @property
    def mean(self) -> Tensor:
        r"""The mean, :math:`1 / (1 - e^{-\lambda}) - 1 / \lambda`."""
        small = self.logits.abs() < _SMALL
        safe = torch.where(small, torch.ones_like(self.logits), self.logits)
        exact = 0.5 + 0.5 / torch.tanh(safe / 2) - 1 / safe
        square = self.logits**2
        series = 0.5 + self.logits * (1 / 12 - square * (1 / 720 - square / 30240))
        return torch.where(small, series, exact)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log p(x) per pixel in nats; `value` lies in [0, 1]."""
        return value * self.logits - softplus(self.logits) + self.log_constant()

    def log_constant(self) -> Tensor:
        """Return the logarithm of the normalizing constant; log 2 where the logit is 0."""
        small = self.logits.abs() < _SMALL
        safe = torch.where(small, torch.ones_like(self.logits), self.logits)
        exact = torch.log(safe / torch.tanh(safe / 2))
        square = self.logits**2
        tail = square * (1 / 12 - square * (7 / 1440 - square * (31 / 90720)))
        series = torch.log(torch.full_like(square, 2.0)) + tail
        return torch.where(small, series, exact)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw by the inverse of the distribution function, stable for large logits."""
        shape = self._extended_shape(torch.Size(sample_shape))
        u = torch.rand(shape, dtype=self.logits.dtype, device=self.logits.device)
        size = self.logits.abs().expand(shape)
        small = size < 1e-4
        safe = torch.where(small, torch.ones_like(size), size)
        # For |lambda|: x = 1 + log(u + (1 - u) e^-|lambda|) / |lambda|; mirrored where it is < 0.
        tail = torch.log(u + (1 - u) * torch.exp(-safe)) / safe
        x = torch.where(small, u, (1 + tail).clamp(0, 1))
        return torch.where(self.logits >= 0, x, 1 - x)

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw without a gradient."""
        with torch.no_grad():
            return self.rsample(sample_shape)
