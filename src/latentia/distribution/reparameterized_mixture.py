"""A mixture of Gaussians whose draws have a gradient, in its weights too."""

from __future__ import annotations

import math
from typing import final

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, constraints

__all__ = ["ReparameterizedMixture"]


@final
class ReparameterizedMixture(Distribution):
    r"""The mixture :math:`\sum_c \pi_c N(z; \mu_c, \mathrm{diag}\, s_c^2)` of each of B examples.

    A draw chooses a component, which has no derivative. The map u = (F(z_1), F(z_2|z_1), ...) to
    uniform numbers has one, and holding u fixed gives that of z:

    .. math:: \frac{dz}{d\theta} = -\Big(\frac{\partial u}{\partial z}\Big)^{-1}
        \frac{\partial u}{\partial \theta}

    That of means and scales is a responsibility, at most 1. That of the weights is unbiased as
    well, but divides by the density between the components: where they lie far apart, a rare draw
    there has to make up for all others.

    Arguments:
        logits: log pi up to a constant, (B, C).
        loc: mu, (B, C, L).
        scale: s, (B, C, L).

    References:
        Graves, "Stochastic backpropagation through mixture density distributions", 2016;
        Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", 2018.

    Example:
        >>> loc = torch.zeros(3, 2, 4, requires_grad=True)
        >>> q = ReparameterizedMixture(torch.zeros(3, 2), loc, torch.ones(3, 2, 4))
        >>> q.rsample((5,)).sum().backward()
        >>> loc.grad.sum().item()  # each draw moves with the components
        60.0
    """

    arg_constraints = {  # noqa: RUF012
        "logits": constraints.real_vector,
        "loc": constraints.real,
        "scale": constraints.positive,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, logits: Tensor, loc: Tensor, scale: Tensor) -> None:
        self.logits, self.loc, self.scale = logits.log_softmax(-1), loc, scale
        super().__init__(loc.shape[:-2], loc.shape[-1:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The mean, (B, L)."""
        return (self.logits.exp()[..., None] * self.loc).sum(-2)

    @property
    def variance(self) -> Tensor:
        """The variance of each latent, (B, L)."""
        square = self.scale.square() + (self.loc - self.mean[..., None, :]).square()
        return (self.logits.exp()[..., None] * square).sum(-2)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q(value), (...) nats."""
        each = self._each(value).sum(-1)
        return torch.logsumexp(self.logits + each, -1)

    @torch.no_grad()
    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw a component, and from it."""
        shape = torch.Size(sample_shape)
        each = Categorical(logits=self.logits, validate_args=False)
        chosen = each.sample(shape)[..., None, None]  # type: ignore[no-untyped-call]
        index = chosen.expand(*chosen.shape[:-1], self.loc.shape[-1])
        loc = self.loc.expand(*shape, *self.loc.shape).gather(-2, index).squeeze(-2)
        scale = self.scale.expand(*shape, *self.scale.shape).gather(-2, index).squeeze(-2)
        return loc + scale * torch.randn_like(loc)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw with a gradient in weights, means and scales."""
        z = self.sample(sample_shape)
        if not (torch.is_grad_enabled() and self.loc.requires_grad):
            return z
        with torch.no_grad():
            inverse = self._jacobian(z)
        u = self._uniform(z)
        moved = torch.linalg.solve_triangular(inverse, (u - u.detach())[..., None], upper=False)
        found: Tensor = z - moved.squeeze(-1).to(z.dtype)
        return found

    def _each(self, value: Tensor) -> Tensor:
        """Return the log density of each latent under each component, (..., C, L)."""
        away = (value[..., None, :] - self.loc) / self.scale
        return -0.5 * away.square() - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def _given(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return P(c | z_1, ..., z_{l-1}) and each component's own F(z_l), (..., C, L)."""
        each = self._each(z).double()
        before = each.cumsum(-1) - each
        share = (self.logits.double()[..., None] + before).softmax(-2)
        away = (z[..., None, :] - self.loc).double() / self.scale.double()
        return share, torch.special.ndtr(away)

    def _uniform(self, z: Tensor) -> Tensor:
        share, below = self._given(z)
        return (share * below).sum(-2)

    def _jacobian(self, z: Tensor) -> Tensor:
        """Return du/dz, (..., L, L), lower triangular."""
        share, below = self._given(z)
        slope = -(z[..., None, :] - self.loc).double() / self.scale.double().square()
        both = (share * below).mT @ slope
        alone = (share * below).sum(-2)[..., None] * (share.mT @ slope)
        density = (share * self._each(z).double().exp()).sum(-2)
        # A density so small that it is none would make the gradient one.
        return (both - alone).tril(-1) + torch.diag_embed(density.clamp_min(1e-30))
