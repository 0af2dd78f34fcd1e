"""One way down a ladder: what each group is drawn from, and what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Gaussian", "Pass"]


class Gaussian(NamedTuple):
    """A diagonal Gaussian over the latents of one group.

    Arguments:
        loc: Its mean, (N, width, h, w).
        log_scale: The logarithm of its standard deviation, (N, width, h, w).
    """

    loc: Tensor
    log_scale: Tensor

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log N(z) of each number, in nats."""
        away = (z - self.loc) * torch.exp(-self.log_scale)
        return -0.5 * away.square() - self.log_scale - _LOG_ROOT_TAU

    def kl(self, other: Gaussian) -> Tensor:
        """Return KL(self || other) of each number, in nats."""
        ratio = torch.exp(2 * (self.log_scale - other.log_scale))
        away = (self.loc - other.loc) * torch.exp(-other.log_scale)
        return 0.5 * (ratio + away.square() - 1) + other.log_scale - self.log_scale


_LOG_ROOT_TAU = 0.9189385332046727


@dataclass
class Pass:
    """One way down the ladder: what was drawn, and what follows from it.

    Arguments:
        z: All latents, (N, L).
        features: The finest map, (N, channels, h, w), which is decoded.
        log_p: log p(z) of each number, (N, L) nats.
        log_q: log q(z|x), (N, L), where it was drawn from q or is to be scored by it.
        kl: KL of each number's q from its p, given the groups above, (N, L), likewise.
        loc: Means of what it was drawn from, (N, L).
        log_scale: The logarithms of their standard deviations, (N, L).
        differentiable: Whether all of it has a gradient.
    """

    z: Tensor
    features: Tensor
    log_p: Tensor
    log_q: Tensor | None
    kl: Tensor | None
    loc: Tensor
    log_scale: Tensor
    differentiable: bool
    # The latents as they were handed out, and what they were drawn for.
    drawn: Tensor | None = None
    whose: object = None
    version: int | None = None
    stamp: int = 0

    def handed_out(self, shape: tuple[int, ...], whose: object) -> Tensor:
        """Return the latents in another shape, and remember that they are these.

        Arguments:
            shape: (..., L).
            whose: What they were drawn for, such as the maps of a batch.
        """
        self.drawn, self.whose = self.z.reshape(shape), whose
        self.version = None if self.z.is_inference() else self.z._version
        return self.drawn

    def is_of(self, z: Tensor) -> bool:
        """Whether latents (N, L) are what was handed out, reshaped and nothing else."""
        drawn = self.drawn
        if drawn is None or self.version is None or z.is_inference():
            return False
        same = z.data_ptr() == drawn.data_ptr() and z.numel() == drawn.numel()
        # A draw that was changed in place is another one.
        if not same or not z.is_contiguous() or z._version != self.version:
            return False
        if not torch.is_grad_enabled():
            return True
        # A copy that somebody differentiates by has its own place in the graph, and must be used.
        above = None if z.grad_fn is None else z.grad_fn.next_functions[0][0]
        return self.differentiable and above is not None and above is drawn.grad_fn
