"""Planar maps of R^L, one after the other, whose determinant costs one number each."""

from __future__ import annotations

from math import expm1, log
from typing import final

import torch
from torch import Tensor
from torch.nn.functional import softplus

__all__ = ["Planar"]

# Halvings after which float64 tells no smaller interval.
_HALVINGS = 60
# How far w.u may be below 0, and what makes softplus hold a push of 0 at 0.
_MOST = 1 - 1e-3
_SHIFT = log(expm1(_MOST))


@final
class Planar:
    r"""The map z -> z + u tanh(w.z + b), K times.

    .. math:: \log |\det| = \sum_k \log\big(1 + (1 - \tanh^2 a_k)\, w_k \cdot u_k\big), \quad
        a_k = w_k \cdot z_k + b_k

    u is moved along w so far that w.u > -1: then every map is one to one. Its inverse is found on
    the line along w, by bisection of a function that rises, and has the gradient of that root.

    Arguments:
        u: (B, K, L).
        w: (B, K, L).
        b: (B, K).

    References:
        Rezende and Mohamed, "Variational inference with normalizing flows", 2015.

    Example:
        >>> bend = Planar(torch.ones(1, 2, 3), torch.ones(1, 2, 3), torch.zeros(1, 2))
        >>> z = torch.randn(5, 1, 3)
        >>> torch.allclose(bend.inv(bend(z)), z, atol=1e-4)
        True
    """

    def __init__(self, u: Tensor, w: Tensor, b: Tensor, *, inverted: bool = False) -> None:
        along = (w * u).sum(-1, keepdim=True)
        length = w.square().sum(-1, keepdim=True).clamp_min(1e-8)
        held = softplus(along + _SHIFT) - _MOST
        self.u = u + (held - along) * w / length
        self.w, self.b = w, b
        self.along = (self.w * self.u).sum(-1)
        self._inverted, self._given = inverted, (u, w, b)

    @property
    def inv(self) -> Planar:
        """The inverse map."""
        return Planar(*self._given, inverted=not self._inverted)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the image of x, (..., B, L)."""
        return self.call_and_ladj(x)[0]

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the image of x (..., B, L) and the log determinant (..., B) there."""
        ladj = x.new_zeros(x.shape[:-1])
        layers = range(self.w.shape[-2])
        for k in reversed(layers) if self._inverted else layers:
            x, each = (self._backward if self._inverted else self._forward)(x, k)
            ladj = ladj + each
        return x, ladj

    def _forward(self, z: Tensor, k: int) -> tuple[Tensor, Tensor]:
        u, w, b, along = self.u[..., k, :], self.w[..., k, :], self.b[..., k], self.along[..., k]
        h = torch.tanh((w * z).sum(-1) + b)
        return z + h[..., None] * u, torch.log1p((1 - h.square()) * along)

    def _backward(self, y: Tensor, k: int) -> tuple[Tensor, Tensor]:
        u, w, b, along = self.u[..., k, :], self.w[..., k, :], self.b[..., k], self.along[..., k]
        a = (w * y).sum(-1)
        s = self._root(a, b, along)
        z = y - torch.tanh(s + b)[..., None] * u
        return z, -torch.log1p((1 - torch.tanh(s + b).square()) * along)

    @staticmethod
    def _root(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        """Return s with s + c tanh(s + b) = a, and the gradient that it has as a root."""
        with torch.no_grad():
            a_, b_, c_ = (part.double() for part in torch.broadcast_tensors(a, b, c))  # type: ignore[no-untyped-call]
            low, high = a_ - c_.abs(), a_ + c_.abs()
            for _ in range(_HALVINGS):
                middle = (low + high) / 2
                below = middle + c_ * torch.tanh(middle + b_) < a_
                low, high = torch.where(below, middle, low), torch.where(below, high, middle)
            s = ((low + high) / 2).to(a.dtype)
            slope = 1 + c * (1 - torch.tanh(s + b).square())
        found: Tensor = s - (s + c * torch.tanh(s + b) - a) / slope
        return found
