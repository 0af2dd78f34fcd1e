"""A normal distribution wrapped onto hyperbolic space, in normal coordinates around its origin."""

from __future__ import annotations

from math import tanh
from typing import Any, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, constraints

from latentia.distribution.flow import fixed_noise

__all__ = ["WrappedNormal"]

# Units of curvature from the origin beyond which float64 cannot tell a point of the ball from its
# edge; a volume grows by e^15 until there.
_EDGE = 15.0


@final
class WrappedNormal(Distribution):
    r"""The wrapped normal on the Poincare ball of curvature -c.

    .. math:: z = \mu \oplus_c \exp_0(w), \quad w \sim N(0, \operatorname{diag} \sigma^2), \quad
        \log q(z) = \log N(w; 0, \sigma^2) - (L - 1) \log \frac{s(w)}{s(z)}

    with :math:`s(v) = \sinh(\sqrt c\, |v|) / (\sqrt c\, |v|)`, how volume grows with the distance
    from a point. z and mu are written as the tangent vectors at the origin that lead to them
    (normal coordinates), which are any numbers; the density is one of these. In them the wrapped
    normal around the origin is a normal distribution.

    Arguments:
        loc: mu, (..., L).
        scale: sigma, along the axes carried from the origin to mu, (..., L).
        curvature: c.

    References:
        Nagano et al., "A wrapped normal distribution on hyperbolic space", 2019; Mathieu et al.,
        "Continuous hierarchical representations with Poincare variational auto-encoders", 2019.

    Example:
        >>> q = WrappedNormal(torch.zeros(3, 2), torch.ones(3, 2), 1.0)
        >>> z = torch.randn(3, 2)
        >>> torch.allclose(q.log_prob(z), Normal(0.0, 1.0).log_prob(z).sum(-1), atol=1e-5)
        True
    """

    arg_constraints = {"loc": constraints.real_vector, "scale": constraints.positive}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, scale: Tensor, curvature: float) -> None:
        self.loc, self.scale, self.curvature = loc, scale, curvature
        centred = Normal(torch.zeros_like(loc), scale, validate_args=False)
        self._tangent = Independent(centred, 1, validate_args=False)
        super().__init__(loc.shape[:-1], loc.shape[-1:], validate_args=False)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw z, (*sample_shape, *batch, L)."""
        shape = self._extended_shape(torch.Size(sample_shape))
        noise = torch.randn(shape, dtype=self.loc.dtype, device=self.loc.device)
        return self._carried(self.scale * noise)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q(value) of (..., L) in nats, (...)."""
        root = self.curvature**0.5
        w = _add(-self.loc.double() * root, value.double() * root)
        growth = _log_growth(w) - _log_growth(value.double() * root)
        tangent = (w / root).to(value.dtype)
        density: Tensor = self._tangent.log_prob(tangent)  # type: ignore[no-untyped-call]
        volume: Tensor = (self.event_shape[0] - 1) * growth.to(value.dtype)
        return density - volume

    def _carried(self, tangent: Tensor) -> Tensor:
        """Return where tangent vectors at mu lead to."""
        root = self.curvature**0.5
        there: Tensor = _add(self.loc.double() * root, tangent.double() * root) / root
        return there.to(self.loc)

    def _spread(self) -> Tensor:
        noise = fixed_noise(self.event_shape[0]).to(self.loc)
        noise = noise.reshape(-1, *[1] * len(self.batch_shape), noise.shape[-1])
        return self._carried(self.scale * noise)

    @property
    def mean(self) -> Tensor:
        """The mean of fixed draws, (*batch, L): the same every time."""
        return self._spread().mean(0)

    @property
    def variance(self) -> Tensor:
        """The variance of fixed draws, (*batch, L)."""
        return self._spread().var(0, unbiased=False)


def _add(a: Tensor, b: Tensor) -> Tensor:
    """Return log_0(exp_0(a) (+) exp_0(b)) at curvature -1: b carried to a, in normal coordinates.

    On the ball, x (+) y = ((1 + 2 x.y + |y|^2) x + (1 - |x|^2) y) / (1 + 2 x.y + |x|^2 |y|^2).
    Where b leads beyond its edge, the rest of the way is added: from far off, all lines that lead
    there are parallel.
    """
    rest = (_length(b) - _EDGE).clamp_min(0)
    x, y = _ball(a), _ball(b)
    xy, xx, yy = ((p * q).sum(-1, keepdim=True) for p, q in ((x, y), (x, x), (y, y)))
    found = ((1 + 2 * xy + yy) * x + (1 - xx) * y) / (1 + 2 * xy + xx * yy)
    size = _length(found).clamp(max=_RIM)
    there: Tensor = found / size * (2 * torch.atanh(size) + rest)
    return there


def _ball(v: Tensor) -> Tensor:
    """Return exp_0(v) = tanh(|v| / 2) v / |v|."""
    size = _length(v)
    return v / size * torch.tanh(size.clamp(max=_EDGE) / 2)


_RIM = tanh(_EDGE / 2)


def _length(v: Tensor) -> Tensor:
    """Return |v|, (..., 1), with a gradient at 0 too."""
    return v.square().sum(-1, keepdim=True).add(1e-30).sqrt()


def _log_growth(v: Tensor) -> Tensor:
    """Return log(sinh |v| / |v|), (...), without overflow."""
    r = _length(v).squeeze(-1)
    small = r < 1e-4
    safe = torch.where(small, torch.ones_like(r), r)
    large = safe + torch.log1p(-torch.exp(-2 * safe)) - torch.log(2 * safe)
    return torch.where(small, r.square() / 6, large)
