"""Directions: the von Mises-Fisher distribution and the uniform one, on the unit sphere."""

from __future__ import annotations

from functools import cache
from math import lgamma, log, pi
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from scipy import special
from torch import Tensor
from torch.distributions import Distribution, constraints, register_kl

__all__ = ["UniformSphere", "VonMisesFisher"]

Numbers = npt.NDArray[np.float64]
# Of the quadrature over w; its integrand is smooth and has one hill.
_NODES = 64
# The order from which on a Bessel function is expanded in it, and by how many terms: then the
# first term left out is below 1e-10. Of a lower order one that is below every float is of a
# concentration below 1e-13.
_LARGE = 20.0
_TERMS = 6


@final
class UniformSphere(Distribution):
    r"""The uniform distribution on the unit sphere of R^L, with respect to its area.

    .. math:: p(z) = \frac{\Gamma(L/2)}{2 \pi^{L/2}}, \quad |z| = 1

    Arguments:
        dim: L, at least 2.
        like: A tensor of the type and place that draws are to have.

    Example:
        >>> UniformSphere(3).log_prob(torch.tensor([0.0, 0.0, 1.0])).exp()  # 1 / 4 pi
        tensor(0.0796)
    """

    arg_constraints = {}  # noqa: RUF012
    support = constraints.real_vector

    def __init__(self, dim: int, like: Tensor | None = None) -> None:
        self.dim, self._like = dim, torch.zeros(()) if like is None else like
        super().__init__(torch.Size(), torch.Size([dim]), validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The origin, (L,)."""
        return self._like.new_zeros(self.dim)

    @property
    def variance(self) -> Tensor:
        """1 / L in every direction, (L,)."""
        return self._like.new_full((self.dim,), 1 / self.dim)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw directions."""
        like = self._like
        z = torch.randn(*torch.Size(sample_shape), self.dim, dtype=like.dtype, device=like.device)
        found: Tensor = z / z.norm(dim=-1, keepdim=True)
        return found

    def log_prob(self, value: Tensor) -> Tensor:
        """Return minus the log of the sphere's area in nats, (...)."""
        found: Tensor = torch.full_like(value[..., 0], -_log_area(self.dim))
        return found


@final
class VonMisesFisher(Distribution):
    r"""Directions around a mean direction, the more closely the larger kappa.

    .. math:: \log q(z) = \kappa\, m \cdot z + (\tfrac{L}{2} - 1) \log \kappa
        - \tfrac{L}{2} \log 2\pi - \log I_{L/2 - 1}(\kappa), \quad |z| = 1

    A draw is cos(a) m + sin(a) v with the angle a from its marginal (by rejection) and v a
    direction at a right angle to m. Its derivative in kappa is that of the quantile, -dF/f, so it
    is exact.

    Arguments:
        loc: m, of length 1, (B, L).
        concentration: kappa > 0, (B,).

    References:
        Davidson et al., "Hyperspherical variational auto-encoders", 2018; Wood, "Simulation of
        the von Mises Fisher distribution", 1994; Figurnov, Mohamed and Mnih, "Implicit
        reparameterization gradients", 2018.

    Example:
        >>> q = VonMisesFisher(torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([50.0]))
        >>> q.mean[0, 2]  # coth kappa - 1 / kappa
        tensor(0.9800)
    """

    arg_constraints = {"loc": constraints.real_vector, "concentration": constraints.positive}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, concentration: Tensor) -> None:
        self.loc, self.concentration = loc, concentration
        self.dim = loc.shape[-1]
        super().__init__(loc.shape[:-1], loc.shape[-1:], validate_args=False)

    @property
    def resultant(self) -> Tensor:
        """The length of the mean, A(kappa) = I_{L/2} / I_{L/2-1}, (B,)."""
        found: Tensor = _Ratio.apply(self.concentration, self.dim)  # type: ignore[no-untyped-call]
        return found

    @property
    def mean(self) -> Tensor:
        """The mean, inside the sphere, (B, L)."""
        return self.resultant[..., None] * self.loc

    @property
    def variance(self) -> Tensor:
        """The variance of each coordinate, (B, L)."""
        a = self.resultant
        across = a / self.concentration  # E[(1 - w^2)] / (L - 1)
        along = 1 - (self.dim - 1) * across - a.square()
        square = self.loc.square()
        return across[..., None] * (1 - square) + along[..., None] * square

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q(value) in nats with respect to the area, (...), for values of length 1."""
        return self.concentration * ((self.loc * value).sum(-1) - 1) + self._log_constant()

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw directions, (*sample_shape, B, L), with a gradient in m and kappa."""
        shape = self._extended_shape(torch.Size(sample_shape))
        angle = _Angle.apply(self.concentration.expand(shape[:-1]), self.dim)  # type: ignore[no-untyped-call]
        v = torch.randn(shape, dtype=self.loc.dtype, device=self.loc.device)
        # At a right angle to the first axis, which is then turned onto m.
        v[..., 0] = 0.0
        v = v / v.norm(dim=-1, keepdim=True)
        z = angle.sin()[..., None] * v
        first = torch.zeros_like(self.loc)
        first[..., 0] = 1.0
        z = z + angle.cos()[..., None] * first
        mirror = first - self.loc
        mirror = mirror / mirror.norm(dim=-1, keepdim=True).clamp_min(1e-12)
        found: Tensor = z - 2 * (z * mirror).sum(-1, keepdim=True) * mirror
        return found

    def _log_constant(self) -> Tensor:
        """Return log q at m itself, (B,): without a kappa that would only cancel."""
        found: Tensor = _LogConstant.apply(self.concentration, self.dim)  # type: ignore[no-untyped-call]
        return found


def _log_area(dim: int) -> float:
    return log(2) + dim / 2 * log(pi) - lgamma(dim / 2)


def _log_bessel(order: float, kappa: Numbers) -> Numbers:
    """Return log I_v(kappa) - kappa, by expansions of it where I_v is below every float."""
    scaled = special.ive(order, kappa)
    far = _uniform(order, kappa) if order >= _LARGE else _series(order, kappa)
    with np.errstate(divide="ignore"):
        found: Numbers = np.where(scaled > 1e-290, np.log(scaled), far)
    return found


def _series(order: float, kappa: Numbers) -> Numbers:
    """Return log I_v(kappa) - kappa by two terms in kappa, for where kappa is next to nothing."""
    small = order * np.log(kappa / 2) - special.gammaln(order + 1) - kappa
    found: Numbers = small + np.log1p(kappa**2 / (4 * (order + 1)))
    return found


def _uniform(order: float, kappa: Numbers) -> Numbers:
    r"""Return log I_v(kappa) - kappa by its expansion in 1/v, which holds for every kappa.

    .. math:: I_v(\kappa) \sim \frac{e^r}{\sqrt{2 \pi r}} \Big(\frac{\kappa}{v + r}\Big)^v
        \sum_k \frac{u_k(v / r)}{v^k}, \quad r = \sqrt{v^2 + \kappa^2}

    References:
        Olver, "Asymptotics and special functions", 1974, 10.7; NIST digital library of
        mathematical functions, 10.41.3.
    """
    r = np.hypot(order, kappa)
    leading = order**2 / (r + kappa) + order * np.log(kappa / (order + r))
    rest = sum(u(order / r) / order**k for k, u in enumerate(_debye(), 1))
    found: Numbers = leading - np.log(2 * pi * r) / 2 + np.log1p(rest)
    return found


@cache
def _debye() -> list[np.polynomial.Polynomial]:
    r"""Return the polynomials u_1, u_2, ... of that expansion.

    .. math:: u_{k+1}(t) = \frac{t^2 (1 - t^2)}{2} u_k'(t) + \frac{1}{8} \int_0^t (1 - 5 s^2)
        u_k(s)\, ds, \quad u_0 = 1
    """
    t = np.polynomial.Polynomial([0.0, 1.0])
    found = [t**0]
    for _ in range(_TERMS):
        u = found[-1]
        found.append(t**2 * (1 - t**2) / 2 * u.deriv() + ((1 - 5 * t**2) * u).integ() / 8)
    return found[1:]


def _ratio(dim: int, kappa: Numbers) -> Numbers:
    """Return A(kappa), the mean of w."""
    found: Numbers = np.exp(_log_bessel(dim / 2, kappa) - _log_bessel(dim / 2 - 1, kappa))
    return found


def _slope_of_ratio(dim: int, kappa: Numbers) -> Numbers:
    """Return A'(kappa), which is never negative."""
    a = _ratio(dim, kappa)
    found: Numbers = np.maximum(1 - a**2 - (dim - 1) * a / kappa, 0)
    return found


def _log_at_mode(dim: int, kappa: Numbers) -> Numbers:
    """Return log q at m, in nats."""
    half = dim / 2
    found: Numbers = (half - 1) * np.log(kappa) - half * log(2 * pi) - _log_bessel(half - 1, kappa)
    return found


def _divergence(dim: int, kappa: Numbers) -> Numbers:
    """Return KL(q || uniform), in nats, which is never negative."""
    exact = kappa * (_ratio(dim, kappa) - 1) + _log_at_mode(dim, kappa) + _log_area(dim)
    found: Numbers = np.maximum(exact, 0)
    return found


def _numpy(x: Tensor) -> Numbers:
    found: Numbers = x.detach().double().cpu().numpy()
    return found


# In thousands of dimensions the parts of what follows are thousands of nats, and their slopes
# millions, which nearly cancel: they are added in double precision, whatever that of kappa is.


class _LogConstant(torch.autograd.Function):
    """log q at m, with its derivative 1 - A."""

    @staticmethod
    def forward(ctx: Any, kappa: Tensor, dim: int) -> Tensor:
        ctx.save_for_backward(kappa)
        ctx.dim = dim
        return torch.as_tensor(_log_at_mode(dim, _numpy(kappa))).to(kappa)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (kappa,) = ctx.saved_tensors
        slope = 1 - _ratio(ctx.dim, _numpy(kappa))
        return gradients[0] * torch.as_tensor(slope).to(kappa), None


class _Divergence(torch.autograd.Function):
    """KL(q || uniform) = kappa (A - 1) + log q(m) + log area, with its derivative kappa A'."""

    @staticmethod
    def forward(ctx: Any, kappa: Tensor, dim: int) -> Tensor:
        ctx.save_for_backward(kappa)
        ctx.dim = dim
        return torch.as_tensor(_divergence(dim, _numpy(kappa))).to(kappa)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (kappa,) = ctx.saved_tensors
        k = _numpy(kappa)
        return gradients[0] * torch.as_tensor(k * _slope_of_ratio(ctx.dim, k)).to(kappa), None


class _Ratio(torch.autograd.Function):
    """A(kappa), with its derivative 1 - A^2 - (L - 1) A / kappa."""

    @staticmethod
    def forward(ctx: Any, kappa: Tensor, dim: int) -> Tensor:
        found = torch.as_tensor(_ratio(dim, _numpy(kappa))).to(kappa)
        ctx.save_for_backward(kappa)
        ctx.dim = dim
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (kappa,) = ctx.saved_tensors
        slope = _slope_of_ratio(ctx.dim, _numpy(kappa))
        return gradients[0] * torch.as_tensor(slope).to(kappa), None


class _Angle(torch.autograd.Function):
    r"""Draws of the angle a between m and z; w = cos a has a density f.

    .. math:: f(w) \propto e^{\kappa w} (1 - w^2)^{(L-3)/2}, \quad
        \frac{dw}{d\kappa} = \frac{1}{f(w)} \int_w^1 (t - A(\kappa)) f(t)\, dt

    Near m float32 tells angles apart whose cosines are all 1, and there the derivative of the
    cosine's root is infinite.
    """

    @staticmethod
    def forward(ctx: Any, kappa: Tensor, dim: int) -> Tensor:
        angle = _drawn(kappa.double(), dim).arccos()
        ctx.save_for_backward(kappa, angle)
        ctx.dim = dim
        return angle.to(kappa.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        kappa, angle = ctx.saved_tensors
        return gradients[0] * _slope(kappa.double(), angle, ctx.dim).to(kappa.dtype), None


def _drawn(kappa: Tensor, dim: int) -> Tensor:
    """Return draws of w by rejection (Wood, 1994), of the shape of kappa."""
    m = dim - 1
    b = m / (2 * kappa + (4 * kappa.square() + m**2).sqrt())
    x0 = (1 - b) / (1 + b)
    c = kappa * x0 + m * torch.log1p(-x0.square())
    beta = torch.distributions.Beta(torch.tensor(m / 2).to(kappa), torch.tensor(m / 2).to(kappa))
    # What is no number stays none, for whoever trains to see; waiting for it would never end.
    open_ = kappa.isfinite()
    w = torch.where(open_, torch.ones_like(kappa), torch.full_like(kappa, torch.nan))
    while bool(open_.any()):
        y = beta.sample(kappa.shape)
        proposed = (1 - (1 + b) * y) / (1 - (1 - b) * y)
        level = kappa * proposed + m * torch.log1p(-x0 * proposed) - c
        taken = open_ & (level >= torch.rand_like(level).log())
        w = torch.where(taken, proposed, w)
        open_ = open_ & ~taken
    return w.clamp(-1, 1)


def _slope(kappa: Tensor, angle: Tensor, dim: int) -> Tensor:
    """Return da/dkappa by quadrature over the angle, t = cos(a), from 0 to that of the draw."""
    rule = np.polynomial.legendre.leggauss(_NODES)
    nodes, weights = (torch.as_tensor(part).to(kappa) for part in rule)
    angle = angle.clamp(1e-9, pi - 1e-9)
    w = angle.cos()
    a = angle[..., None] * (nodes + 1) / 2
    mean = torch.as_tensor(_ratio(dim, _numpy(kappa))).to(kappa)
    t = a.cos()
    # Relative to the density at w, whose own power of 1 - w^2 is one less by the change to angles.
    log_f = kappa[..., None] * (t - w[..., None])
    log_f = log_f + (dim - 2) * (a.sin().log() - angle.sin().log()[..., None])
    inside = (t - mean[..., None]) * log_f.exp() * weights
    return -inside.sum(-1) * angle / 2


@register_kl(VonMisesFisher, UniformSphere)  # type: ignore[no-untyped-call, untyped-decorator]
def _kl_uniform(q: VonMisesFisher, p: UniformSphere) -> Tensor:
    """Return kappa A(kappa) + log C(kappa) + log area."""
    found: Tensor = _Divergence.apply(q.concentration, p.dim)  # type: ignore[no-untyped-call]
    return found
