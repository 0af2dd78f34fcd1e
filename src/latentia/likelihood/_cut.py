"""Classes in order, as a logistic cut at edges."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, pad

__all__ = ["located", "log_probabilities"]

_FARTHEST = 80.0


def log_probabilities(edges: Tensor, place: Tensor) -> Tensor:
    r"""Return the log probabilities of C classes cut from a logistic.

    .. math:: \log P(k) = \log\sigma(a) + \log\sigma(-b) + \log(1 - e^{b - a}),
        \quad a = t_k - f, \; b = t_{k-1} - f

    Arguments:
        edges: t, rising, (..., C - 1).
        place: f, broadcastable to (...).

    Returns:
        (..., C) nats; no two nearly equal numbers are subtracted.
    """
    at = (edges - place[..., None]).clamp(-_FARTHEST, _FARTHEST)
    upper = pad(logsigmoid(at), (0, 1))
    lower = pad(logsigmoid(-at), (1, 0))
    gaps = edges.diff(dim=-1).clamp_min(torch.finfo(edges.dtype).tiny)
    inner = torch.log(-torch.expm1(-gaps))
    return upper + lower + pad(inner, (1, 1))


def located(mean: Tensor, std: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """Return location and scale of a logistic that, rounded to codes, has a given mean.

    Arguments:
        mean: Mean of the codes, any shape.
        std: Their standard deviation, same shape: that of the logistic before it is rounded.
        classes: C.
    """
    codes = torch.arange(classes, device=mean.device)
    scale = (std * 3**0.5 / torch.pi).clamp(0.1, classes)
    target = mean.clamp(0.02, classes - 1.02)
    low, high = target - 60 * scale, target + 60 * scale
    edges = (codes[:-1] + 0.5) / scale[..., None]
    for _ in range(50):
        middle = (low + high) / 2
        found = (log_probabilities(edges, middle / scale).exp() * codes).sum(-1)
        low = torch.where(found < target, middle, low)
        high = torch.where(found < target, high, middle)
    return (low + high) / 2, scale
