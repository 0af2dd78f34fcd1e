"""Draws between the codes: what discrete draws are the rounding of, at a temperature."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = ["Relaxation", "Relaxed"]


class Relaxed(NamedTuple):
    """A draw between the codes, and the code that it is rounded to.

    Arguments:
        soft: Numbers within (0, 1), of choices with sum 1 in each group, (..., L).
        hard: Zeros and ones, (..., L).
    """

    soft: Tensor
    hard: Tensor

    @property
    def straight(self) -> Tensor:
        """The code, with the derivative of what it was rounded from, (..., L)."""
        return self.hard + (self.soft - self.soft.detach())


class Relaxation(NamedTuple):
    r"""Gumbel noise g makes a discrete draw of the largest, and one near it of their softmax.

    .. math:: \tilde z_k = \frac{e^{(\log \pi_k + g_k) / \tau}}
        {\sum_j e^{(\log \pi_j + g_j) / \tau}}, \quad
        z = \mathrm{onehot}(\arg\max_k \tilde z_k) \sim \pi

    Of a yes or no it is a sigmoid with logistic noise, the difference of two Gumbels. The lower
    tau, the nearer are both to each other, and the more the derivative varies.

    Arguments:
        temperature: tau.

    References:
        Maddison, Mnih and Teh, "The concrete distribution", 2017; Jang, Gu and Poole,
        "Categorical reparameterization with Gumbel-softmax", 2017.

    Example:
        >>> drawn = Relaxation(0.5).one_hots(torch.zeros(2, 3), torch.Size([4]))
        >>> drawn.soft.shape, drawn.hard.sum(-1)
        (torch.Size([4, 6]), tensor([2., 2., 2., 2.]))
    """

    temperature: float

    def one_hots(self, logits: Tensor, size: torch.Size) -> Relaxed:
        """Return draws of choices, (*size, ..., G C), for logits (..., G, C)."""
        shape = size + logits.shape
        soft = ((logits + _gumbel(shape, logits)) / self.temperature).softmax(-1)
        code = soft.detach().argmax(-1, keepdim=True)
        hard = torch.zeros_like(soft).scatter_(-1, code, 1.0)
        return Relaxed(soft.flatten(-2), hard.flatten(-2))

    def binary(self, logits: Tensor, size: torch.Size) -> Relaxed:
        """Return draws of zeros and ones, (*size, ...), for log odds (...)."""
        shape = size + logits.shape
        moved = logits + (_gumbel(shape, logits) - _gumbel(shape, logits))
        return Relaxed((moved / self.temperature).sigmoid(), (moved.detach() > 0).to(logits.dtype))


def _gumbel(shape: torch.Size, like: Tensor) -> Tensor:
    """Return standard Gumbel noise; that of an exponential variable has no infinite end."""
    waited = torch.empty(shape, dtype=like.dtype, device=like.device).exponential_()
    return -waited.clamp_min(torch.finfo(like.dtype).tiny).log()
