"""A mixture of logistics integrated over the 256 levels of an 8-bit image."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, constraints

from latentia.distribution.discretized_logistic import DiscretizedLogistic

__all__ = ["LogisticMixture"]


@final
class LogisticMixture(Distribution):
    r"""The probability of each of 256 levels k/255 under K weighted logistics.

    .. math:: P(x) = \sum_k \pi_k \Big[\sigma\Big(\frac{x + h - m_k}{s_k}\Big)
        - \sigma\Big(\frac{x - h - m_k}{s_k}\Big)\Big], \quad h = \frac{1}{2 \cdot 255}

    Arguments:
        logits: log pi up to a constant, (..., K).
        loc: m, where 0 is level 0 and 1 is level 255, (..., K).
        log_scale: log s, (..., K).

    References:
        Salimans et al., "PixelCNN++", 2017.

    Example:
        >>> levels = torch.arange(256) / 255
        >>> p = LogisticMixture(torch.zeros(2), torch.tensor([0.1, 0.9]), torch.full((2,), -3.0))
        >>> round(p.log_prob(levels).exp().sum().item(), 5)
        1.0
    """

    arg_constraints = {  # noqa: RUF012
        "logits": constraints.real_vector,
        "loc": constraints.real_vector,
        "log_scale": constraints.real_vector,
    }
    support = constraints.unit_interval

    def __init__(self, logits: Tensor, loc: Tensor, log_scale: Tensor) -> None:
        self.logits = logits.log_softmax(-1)
        self.parts = DiscretizedLogistic(loc, log_scale)
        self.loc, self.log_scale = self.parts.loc, self.parts.log_scale
        super().__init__(loc.shape[:-1], validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The mean level, on the scale [0, 1]."""
        return (self.logits.exp() * self.parts.mean).sum(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log P(x) per pixel in nats; `value` holds levels k/255."""
        return torch.logsumexp(self.logits + self.parts.log_prob(value[..., None]), -1)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw a logistic for each pixel, and a level from it."""
        size = torch.Size(sample_shape)
        each = Categorical(logits=self.logits, validate_args=False)
        chosen = each.sample(size)[..., None]  # type: ignore[no-untyped-call]
        shape = (*size, *self.logits.shape)
        loc, log_scale = (
            part.expand(shape).gather(-1, chosen).squeeze(-1)
            for part in (self.parts.loc, self.parts.log_scale)
        )
        return DiscretizedLogistic(loc, log_scale).sample()
