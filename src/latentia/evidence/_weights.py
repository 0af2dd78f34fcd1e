"""Streams of importance weights: their mean, its error and the ladder, in one pass."""

from __future__ import annotations

from math import log

import torch
from torch import Tensor

from latentia.evidence.base import Evidence

__all__ = ["Weights", "rungs"]


# Weights of one example that wait for each other, so that small sums are not made for every chunk.
_TOGETHER = 1000


def rungs(samples: int) -> tuple[int, ...]:
    """Return the k of a ladder: the powers of ten below K, then K.

    Example:
        >>> rungs(5000)
        (1, 10, 100, 1000, 5000)
    """
    powers = [10**i for i in range(len(str(samples)))]
    return (*(k for k in powers if k < samples), samples)


class Weights:
    r"""The log mean of weights that come in chunks, (c, B) at a time.

    .. math:: \log \hat p = \log \frac{1}{K} \sum_k w_k, \quad
        ESS = \frac{(\sum_k w_k)^2}{\sum_k w_k^2}

    The sums are relative to the largest weight so far, in float64, so that nothing overflows and
    memory does not grow with K.

    The ladder has at every rung the mean of log p-hat over all whole groups of k of the K
    samples. A group of the next rung is made of whole groups of the one below, so by Jensen the
    ladder cannot fall where every k divides the next one and K.

    Arguments:
        ladder: The k of the rungs below K, each a multiple of the one before; may be empty.

    Example:
        >>> weights = Weights()
        >>> weights.add(torch.tensor([[0.0], [0.0]]))
        >>> weights.evidence().log_likelihood
        tensor([0.], dtype=torch.float64)
    """

    def __init__(self, ladder: tuple[int, ...] = ()) -> None:
        self.count = 0
        self._waiting: list[Tensor] = []
        self._peak = self._total = self._square = torch.zeros(0)
        self._rungs = [_Rung(k // below) for below, k in zip((1, *ladder), ladder, strict=False)]

    def add(self, log_w: Tensor) -> None:
        """Take in log weights, (c, B)."""
        self._waiting.append(log_w.double())
        if sum(map(len, self._waiting)) >= _TOGETHER:
            self._settle()

    def _settle(self) -> None:
        """Bring the sums up to date."""
        if not self._waiting:
            return
        log_w, self._waiting = torch.cat(self._waiting), []
        if not self.count:
            self._peak = torch.full_like(log_w[0], -torch.inf)
            self._total, self._square = torch.zeros_like(log_w[0]), torch.zeros_like(log_w[0])
        # A weight of zero has no logarithm; where all are zero so is their sum, not NaN.
        higher = torch.maximum(self._peak, log_w.amax(0))
        base = higher.clamp_min(torch.finfo(torch.float64).min)
        shrink = torch.exp(self._peak - base)
        weight = torch.exp(log_w - base)
        self._total = self._total * shrink + weight.sum(0)
        self._square = self._square * shrink**2 + weight.square().sum(0)
        self._peak, self.count = higher, self.count + len(log_w)
        for rung in self._rungs:
            log_w = rung.add(log_w)

    def evidence(self) -> Evidence:
        """Return the estimate from all weights so far, with the ladder if one was asked for.

        One weight does not say how far another might differ: its error is NaN. Where all are zero
        there is no effective sample.
        """
        self._settle()
        log_mean = self._peak + self._total.log() - log(self.count)
        effective = (self._total**2 / self._square).where(self._total != 0, 0.0)
        error = (1 / effective - 1 / self.count).clamp_min(0).sqrt()
        if self.count == 1:
            error = torch.full_like(error, torch.nan)
        ladder = [rung.mean() for rung in self._rungs]
        return Evidence(
            log_mean, error, effective, torch.stack([*ladder, log_mean]) if ladder else None
        )


class _Rung:
    """One rung of a ladder: log means of groups, each made of `size` groups of the rung below."""

    def __init__(self, size: int) -> None:
        self._size, self._groups = size, 0
        self._rest = self._sum = torch.zeros(0)

    def add(self, below: Tensor) -> Tensor:
        """Take in log means of groups of the rung below, (c, B); return those now complete."""
        pending = below if not self._rest.numel() else torch.cat([self._rest, below])
        whole = len(pending) // self._size
        self._rest = pending[whole * self._size :]
        groups = pending[: whole * self._size].reshape(whole, self._size, pending.shape[1])
        complete = groups.logsumexp(1) - log(self._size)
        self._sum = complete.sum(0) + (self._sum if self._groups else 0.0)
        self._groups += whole
        return complete

    def mean(self) -> Tensor:
        """Return the mean over all complete groups, (B,)."""
        return self._sum / self._groups
