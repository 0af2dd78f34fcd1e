"""A mixture of logistics for each pixel whose channels are coupled, over the levels of 8 bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, constraints
from torch.nn.functional import softplus

from latentia.distribution.discretized_logistic import DiscretizedLogistic

__all__ = ["CoupledLogistics"]

# Points at which the mean of a channel given those before it is averaged over these.
_NODES = 64
# How many of them are taken at once in a graph.
_TOGETHER = 16


@final
class CoupledLogistics(Distribution):
    r"""The probability of an image whose pixels choose one of K components for all channels.

    .. math:: P(x) = \prod_{p} \sum_k \pi_{pk} \prod_c L(x_{pc};\; m_{pkc}, s_{pkc}), \quad
        m_{pkc} = \mu_{pkc} + \sum_{j < c} a_{pkcj}\, (x_{pj} - \bar\mu_{pkj})

    with L the logistic of place m and scale s, integrated over each of the levels, and mu-bar the
    mu within [0, 1]. Every factor sums to one over its channel, the last one first, so that P does
    over all images.

    In the paper m is mu + a x; counted from mu-bar, the same distributions have a mu that is about
    the mean of its channel whatever a is.

    Arguments:
        logits: log pi up to a constant, (..., K, H, W).
        loc: mu, (..., K, C, H, W).
        log_scale: log s, (..., K, C, H, W).
        coupling: a of channel 1 on 0, 2 on 0, 2 on 1, ..., (..., K, C (C - 1) / 2, H, W).
        levels: How many levels there are, evenly from 0 to 1.

    References:
        Salimans et al., "PixelCNN++", 2017.

    Example:
        >>> from itertools import product
        >>> one, two = torch.zeros(1, 1, 1), torch.full((1, 2, 1, 1), 0.5)
        >>> p = CoupledLogistics(one, two, -two, 2 * two[:, :1], levels=4)
        >>> x = torch.tensor(list(product((0, 1 / 3, 2 / 3, 1), repeat=2)))
        >>> round(p.log_prob(x[:, :, None, None]).exp().sum().item(), 5)
        1.0
    """

    arg_constraints = {"loc": constraints.real_vector}  # noqa: RUF012
    support = constraints.unit_interval

    def __init__(
        self,
        logits: Tensor,
        loc: Tensor,
        log_scale: Tensor,
        coupling: Tensor,
        levels: int = 256,
    ) -> None:
        self.logits = logits.log_softmax(-3)
        self.loc, self.log_scale, self.coupling = loc, log_scale, coupling
        self.levels = levels
        super().__init__(loc.shape[:-4], loc.shape[-3:], validate_args=False)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(value) in nats, of the shape to which value and batch broadcast."""
        x = value.unsqueeze(-4)
        each = self.logits
        channels = x.unbind(-3)
        for c, place in enumerate(self._places(channels, self.loc, self.coupling)):
            channel = DiscretizedLogistic(place, self.log_scale[..., c, :, :], self.levels)
            each = each + channel.log_prob(channels[c])
        return torch.logsumexp(each, -3).flatten(-2).sum(-1)

    def _places(self, x: Sequence[Tensor], loc: Tensor, coupling: Tensor) -> Iterator[Tensor]:
        """Yield the place of each channel in turn, (..., H, W), given the channels before it.

        x may grow while the places are asked for: each looks at what is before it alone.
        """
        pair = 0
        for c in range(self.event_shape[0]):
            place = loc[..., c, :, :]
            for j in range(c):
                before = x[j] - loc[..., j, :, :].clamp(0, 1)
                place = place + coupling[..., pair, :, :] * before
                pair += 1
            yield place

    @property
    def mean(self) -> Tensor:
        r"""The mean level of each channel, on the scale [0, 1], to within a third of a level.

        That of the first channel is a clipped logistic's, s (log(1 + e^{m/s}) - log(1 +
        e^{(m - 1)/s})), from which rounding to 256 levels moves it by less than a tenth of a
        level. Those of the others have no closed form: they are averages of the same over 64
        well-spread points of the channels before.
        """
        if torch.compiler.is_exporting():
            return self._mean_in_few_steps()
        total = torch.zeros_like(self.loc)
        scale = self.log_scale.exp()
        last = self.event_shape[0] - 1
        for u in _spread(_NODES, max(1, last)):
            x: list[Tensor] = []
            for c, place in enumerate(self._places(x, self.loc, self.coupling)):
                s = scale[..., c, :, :]
                total[..., c, :, :] += s * (softplus(place / s) - softplus((place - 1) / s))
                if c < last:
                    x.append(self._rounded(place + s * torch.logit(u[c])))
        return (self.logits.exp().unsqueeze(-3) * total / _NODES).sum(-4)

    def _mean_in_few_steps(self) -> Tensor:
        """Return the same of 16 points at once: as a graph, thousands of steps take minutes."""
        last = self.event_shape[0] - 1
        points = _spread(_NODES, max(1, last)).to(self.loc)
        points = points.reshape(_NODES, -1, *[1] * (self.loc.ndim - 1))
        scale = self.log_scale.exp()
        total = torch.zeros_like(self.loc)
        for u in points.split(_TOGETHER):  # type: ignore[no-untyped-call]
            x: list[Tensor] = []
            means = []
            for c, place in enumerate(self._places(x, self.loc, self.coupling)):
                s = scale[..., c, :, :]
                each = s * (softplus(place / s) - softplus((place - 1) / s))
                means.append(each.expand(len(u), *s.shape).sum(0))
                if c < last:
                    x.append(self._rounded(place + s * torch.logit(u[:, c])))
            total = total + torch.stack(means, -3)
        return (self.logits.exp().unsqueeze(-3) * total / _NODES).sum(-4)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw a component for each pixel, and from it one channel after the other."""
        size = torch.Size(sample_shape)
        each = Categorical(logits=self.logits.movedim(-3, -1), validate_args=False)
        chosen = each.sample(size)[..., None, None, :, :]  # type: ignore[no-untyped-call]
        loc, log_scale, coupling = (
            part.expand(*size, *part.shape)
            .gather(-4, chosen.expand(*(-1,) * (chosen.ndim - 3), part.shape[-3], -1, -1))
            .squeeze(-4)
            for part in (self.loc, self.log_scale, self.coupling)
        )
        x: list[Tensor] = []
        for c, place in enumerate(self._places(x, loc, coupling)):
            x.append(DiscretizedLogistic(place, log_scale[..., c, :, :], self.levels).sample())
        return torch.stack(x, -3)

    def _rounded(self, y: Tensor) -> Tensor:
        return torch.round(y.clamp(0, 1) * (self.levels - 1)) / (self.levels - 1)


def _spread(n: int, dims: int) -> Tensor:
    """Return n points of the unit cube that are spread more evenly than random ones, (n, dims).

    The first coordinate rises in equal steps; the others are multiples of powers of the root of
    x^d = x + 1 (Roberts, 2018).
    """
    root = 2.0
    for _ in range(40):
        root = (1 + root) ** (1 / dims)
    steps = torch.tensor([1 / n, *(root**-d for d in range(1, dims))], dtype=torch.float64)
    return (((0.5 + torch.arange(n))[:, None] * steps) % 1).float()
