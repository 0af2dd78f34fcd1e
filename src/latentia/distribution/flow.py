"""A Gaussian bent by an invertible transform whose own draws have a density at no cost."""

from __future__ import annotations

from functools import cache
from typing import Protocol, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, constraints

__all__ = ["Flow", "fixed_noise"]

_DRAWS = 64


class _Transform(Protocol):
    """An invertible map of R^L, such as zuko's."""

    def call_and_ladj(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return y = T(x) and log |det dT/dx|."""

    @property
    def inv(self) -> _Transform:
        """The inverse map."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return y = T(x)."""


@final
class Flow(Distribution):
    r"""The distribution of z = m + s T(e) with e standard normal.

    .. math:: \log q(z) = \log N(e; 0, I) - \log \Big|\det \frac{\partial T}{\partial e}\Big|
        - \sum_l \log s_l

    The density of its last draw is known from drawing it. That of any other z needs the inverse of
    T, which takes L passes for an autoregressive one. Mean and variance have no closed form: they
    are those of 64 fixed draws, well spread.

    Arguments:
        loc: m, (B, L).
        scale: s, (B, L).
        transform: T, for noise (..., B, L).

    References:
        Rezende and Mohamed, "Variational inference with normalizing flows", 2015; Kingma et al.,
        "Inverse autoregressive flow", 2016.

    Example:
        >>> from zuko.transforms import DependentTransform, SignedPowerTransform
        >>> bend = DependentTransform(SignedPowerTransform(torch.tensor(0.5)), 1)
        >>> q = Flow(torch.zeros(3, 2), torch.ones(3, 2), bend)
        >>> z = q.rsample((5,))
        >>> torch.allclose(q.log_prob(z), q.log_prob(z.clone()), atol=1e-4)
        True
    """

    arg_constraints: dict[str, constraints.Constraint] = {}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc: Tensor, scale: Tensor, transform: _Transform) -> None:
        self.loc, self.scale, self.transform = loc, scale, transform
        standard = Normal(torch.zeros_like(loc), torch.ones_like(scale), validate_args=False)
        self.noise = Independent(standard, 1, validate_args=False)
        # The last draw, its density, and whether that has a gradient.
        self._last: tuple[Tensor, Tensor, bool] | None = None
        super().__init__(loc.shape[:-1], loc.shape[-1:], validate_args=False)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw z, (*sample_shape, B, L), and remember its density."""
        noise = self.noise.sample(torch.Size(sample_shape))
        with self._as_made():
            bent, ladj = self.transform.call_and_ladj(noise)
            z = self.loc + self.scale * bent
            self._last = z, self._density(noise, ladj), torch.is_grad_enabled()
        return z

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q(value), (...) nats; quick for the last draw."""
        if self._last is not None and value is self._last[0]:
            _, density, has_gradient = self._last
            if has_gradient or not torch.is_grad_enabled():
                return density
        bent = (value - self.loc) / self.scale
        noise = self.transform.inv(bent)
        _, ladj = self.transform.call_and_ladj(noise)
        return self._density(noise, ladj)

    def _density(self, noise: Tensor, ladj: Tensor) -> Tensor:
        base: Tensor = self.noise.log_prob(noise)  # type: ignore[no-untyped-call]
        return base - ladj - self.scale.log().sum(-1)

    def _spread(self) -> Tensor:
        """Return fixed draws, (64, B, L)."""
        noise = fixed_noise(self.event_shape[0]).to(self.loc)
        noise = noise[:, None].expand(-1, *self.loc.shape)
        with self._as_made():
            return self.loc + self.scale * self.transform(noise)

    def _as_made(self) -> torch.set_grad_enabled:
        """Return a scope without gradients if this was made in one; T's weights have theirs."""
        return torch.set_grad_enabled(torch.is_grad_enabled() and self.loc.requires_grad)

    @property
    def mean(self) -> Tensor:
        """The mean of fixed draws, (B, L): the same every time."""
        return self._spread().mean(0)

    @property
    def variance(self) -> Tensor:
        """The variance of fixed draws, (B, L)."""
        return self._spread().var(0, unbiased=False)


@cache
def fixed_noise(dims: int) -> Tensor:
    """Return 64 well-spread draws of a standard normal with mean 0, (64, L)."""
    engine = torch.quasirandom.SobolEngine(dims, scramble=True, seed=0)  # type: ignore[no-untyped-call]
    uniform = engine.draw(_DRAWS // 2).double().clamp(1e-6, 1 - 1e-6)
    half = torch.special.ndtri(uniform)
    half = half / half.square().mean(0).sqrt()
    return torch.cat([half, -half]).float()
