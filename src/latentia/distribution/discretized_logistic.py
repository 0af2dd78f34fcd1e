"""A logistic density integrated over the 256 levels of an 8-bit image."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.nn.functional import logsigmoid

__all__ = ["DiscretizedLogistic"]

# How many levels are summed at once in a graph.
_TOGETHER = 15


@final
class DiscretizedLogistic(Distribution):
    r"""The probability of each of 256 levels k/255 under a logistic of location m and scale s.

    .. math:: P(x) = \sigma\Big(\frac{x + h - m}{s}\Big) - \sigma\Big(\frac{x - h - m}{s}\Big),
        \quad h = \frac{1}{2 \cdot 255}

    with the first and last level taking the tails, so that the 256 probabilities sum to one.
    Computed as :math:`\log\sigma(a) + \log\sigma(-b) + \log(1 - e^{b - a})`, which never
    subtracts two nearly equal numbers.

    Arguments:
        loc: The location m on the scale where 0 is level 0 and 1 is level 255, any shape.
        log_scale: log s, same shape.
        levels: How many levels there are, evenly from 0 to 1.

    References:
        Salimans et al., "PixelCNN++", 2017; Kingma et al., "Inverse autoregressive flow", 2016.

    Example:
        >>> levels = torch.arange(256) / 255
        >>> p = DiscretizedLogistic(torch.tensor(0.2), torch.tensor(-3.0)).log_prob(levels).exp()
        >>> round(p.sum().item(), 5)
        1.0
    """

    arg_constraints = {"loc": constraints.real, "log_scale": constraints.real}  # noqa: RUF012
    support = constraints.unit_interval

    def __init__(self, loc: Tensor, log_scale: Tensor, levels: int = 256) -> None:
        self.levels = levels
        self.loc, self.log_scale = torch.broadcast_tensors(loc, log_scale)  # type: ignore[no-untyped-call]
        super().__init__(self.loc.shape, validate_args=False)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(x) per pixel in nats; `value` holds levels k/255."""
        precision = torch.exp(-self.log_scale)
        half = 0.5 / (self.levels - 1)
        centred = value - self.loc
        upper, lower = precision * (centred + half), precision * (centred - half)
        below, above = logsigmoid(upper), logsigmoid(-lower)
        middle = below + above + _log1mexp(2 * half * precision)
        inner = torch.where(value < half, below, middle)
        return torch.where(value > 1 - half, above, inner)

    @property
    def mean(self) -> Tensor:
        """The mean level: of 256, the sum of P(x >= k/255) over k = 1..255, over 255."""
        if torch.compiler.is_exporting():
            return self._mean_in_few_steps()
        total = torch.zeros_like(self.loc)
        precision = torch.exp(-self.log_scale)
        top = self.levels - 1
        # One after the other is the faster: what is added fits into the processor's cache.
        for k in range(1, self.levels):
            total += torch.sigmoid(precision * (self.loc - (k - 0.5) / top))
        return total / top

    def _mean_in_few_steps(self) -> Tensor:
        """Return the same in 17 sums of 15: as a graph, a thousand steps take a minute to write.

        All 255 at once would be a single step, and need 255 times the memory of the numbers.
        """
        top = self.levels - 1
        edges = (torch.arange(top, dtype=self.loc.dtype, device=self.loc.device) + 0.5) / top
        precision, loc = torch.exp(-self.log_scale)[..., None], self.loc[..., None]
        total = torch.zeros_like(self.loc)
        for some in edges.split(_TOGETHER):  # type: ignore[no-untyped-call]
            total = total + torch.sigmoid(precision * (loc - some)).sum(-1)
        return total / top

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw levels k/255: a logistic draw, rounded to the nearest level and clipped."""
        with torch.no_grad():
            shape = self._extended_shape(torch.Size(sample_shape))
            u = torch.rand(shape, dtype=self.loc.dtype, device=self.loc.device)
            u = u.clamp(torch.finfo(u.dtype).tiny, 1 - torch.finfo(u.dtype).eps)
            y = self.loc + torch.exp(self.log_scale) * torch.logit(u)
            return torch.round(y.clamp(0, 1) * (self.levels - 1)) / (self.levels - 1)


def _log1mexp(x: Tensor) -> Tensor:
    """Return log(1 - e^-x) for x > 0 without cancellation (Maechler, 2012)."""
    small = x < 0.6931472
    low = torch.log(-torch.expm1(-torch.where(small, x, torch.ones_like(x))))
    high = torch.log1p(-torch.exp(-torch.where(small, torch.ones_like(x), x)))
    return torch.where(small, low, high)
