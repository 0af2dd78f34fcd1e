"""Gaussian draws that Hamiltonian dynamics carry to where a log-density is high."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal, constraints

from latentia.distribution.flow import fixed_noise
from latentia.errors import UsageError

__all__ = ["Dynamics", "Hamiltonian"]

# Fixed draws of all examples that are moved at once.
_TOGETHER = 4096
# A slope's bound, in nats for each deviation of q_0. On a posterior as wide as q_0 it is below 5.
_STEEPEST = 30.0


class Dynamics(NamedTuple):
    r"""How draws are moved: T leapfrog steps, and the momentum that they start with.

    .. math:: a_t = (1 - a_0)\, t^2 / T^2 + a_0

    is the deviation of the momentum after t steps: it starts hot at a_0 and ends at 1.

    Arguments:
        steps: T.
        length: The length of a step for each latent, (L,), in units of q_0's deviation.
        heat: a_0, from 1, ().
    """

    steps: int
    length: Tensor
    heat: Tensor

    def temperature(self, t: int) -> Tensor:
        """Return a_t, ()."""
        return (1 - self.heat) * (t / self.steps) ** 2 + self.heat


@final
class Hamiltonian(Distribution):
    r"""The distribution of Gaussian draws moved by T leapfrog steps on a log-density log f.

    .. math:: z = m + s u, \quad u_0, e \sim N(0, I), \quad r_0 = a_0 e, \quad
        (u_T, r_T) = \Phi(u_0, r_0)

    A step is half a push of the momentum by the gradient, a move, and half a push; then momenta
    cool by a_t / a_{t-1}. Pushes and moves keep volumes; heating and cooling undo each other. So
    the density of (z_T, r_T) is that of what they come from, and with N(r_T; 0, I) as the
    momentum's part of the target

    .. math:: \log q = \log N(z_0; m, s^2) + \log N(e; 0, I) - \log N(r_T; 0, I), \quad
        E\Big[\frac{p(x, z_T)}{q}\Big] = p(x)

    exactly, for any f, T, length and heat. This log q is of the draw and its momentum together:
    E[log q - log p(z_T)] is not below the KL of z alone, and of a z that was not drawn here
    there is none.

    Its mean is where the mean of q_0 comes to from rest, and its variance that of 64 fixed draws,
    well spread; both as good as exact if f is a Gaussian.

    Arguments:
        loc: m, (B, L).
        scale: s, (B, L).
        log_density: log f up to a constant: from z (K, B, L) to (K, B).
        dynamics: How draws are moved.

    References:
        Salimans, Kingma and Welling, "Markov chain Monte Carlo and variational inference", 2015;
        Caterini, Doucet and Sejdinovic, "Hamiltonian variational auto-encoder", 2018; Neal, "MCMC
        using Hamiltonian dynamics", 2011.

    Example:
        >>> flat = Dynamics(3, torch.full((2,), 0.1), torch.tensor(1.0))
        >>> q = Hamiltonian(torch.zeros(4, 2), torch.ones(4, 2), lambda z: -z.sum(-1), flat)
        >>> q.log_prob(q.rsample((5,))).shape
        torch.Size([5, 4])
    """

    arg_constraints: dict[str, constraints.Constraint] = {}  # noqa: RUF012
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        scale: Tensor,
        log_density: Callable[[Tensor], Tensor],
        dynamics: Dynamics,
    ) -> None:
        self.loc, self.scale, self.dynamics = loc, scale, dynamics
        self._log_density = log_density
        # What was made without a gradient has none, whatever weights log f has.
        self._differentiable = torch.is_grad_enabled()
        # The last draw, its log q, whether that has a gradient, and where the draw began.
        self._last: tuple[Tensor, Tensor, bool, Tensor] | None = None
        super().__init__(loc.shape[:-1], loc.shape[-1:], validate_args=False)

    def rsample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Draw z, (*sample_shape, B, L), and remember its log q."""
        shape = (math.prod(sample_shape), *self.loc.shape)
        u, noise = torch.randn(2, *shape, dtype=self.loc.dtype, device=self.loc.device)
        moved, momentum = self.move(u, self.dynamics.heat * noise)
        z = self._placed(moved).reshape(*sample_shape, *self.loc.shape)
        # Constants of the two momenta cancel.
        gained = momentum.square() - noise.square() - u.square() - math.log(2 * math.pi)
        log_q = 0.5 * gained.sum(-1) - self.scale.log().sum(-1)
        begun = self._placed(u).reshape(z.shape)
        self._last = z, log_q.reshape(z.shape[:-1]), torch.is_grad_enabled(), begun
        return z

    def move(self, u: Tensor, momentum: Tensor) -> tuple[Tensor, Tensor]:
        """Return position and momentum after T steps.

        Arguments:
            u: Where they are, in units of q_0, (K, B, L).
            momentum: r_0, (K, B, L).

        Returns:
            u_T and r_T, (K, B, L).
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and self._differentiable):
            return self._moved(u, momentum)

    def _moved(self, u: Tensor, momentum: Tensor) -> tuple[Tensor, Tensor]:
        steps, length, _ = self.dynamics
        if torch.is_grad_enabled() and not u.requires_grad:
            u = u.detach().requires_grad_()  # for there is a slope in it
        push = 0.5 * length * self._slope(u)
        for t in range(1, steps + 1):
            momentum = momentum + push
            u = u + length * momentum
            push = 0.5 * length * self._slope(u)
            cooled = self.dynamics.temperature(t) / self.dynamics.temperature(t - 1)
            momentum = cooled * (momentum + push)
        return u, momentum

    def _slope(self, u: Tensor) -> Tensor:
        """Return the gradient of log f in u, which itself has one where gradients are asked for.

        It is bounded, so that a draw in a steep place does not flee beyond return: a push that is
        any function of u keeps volumes.
        """
        asked = torch.is_grad_enabled()
        with torch.enable_grad():
            at = u if asked else u.detach().requires_grad_()
            total = self._log_density(self._placed(at)).sum()
            (slope,) = torch.autograd.grad(total, at, create_graph=asked)
        return _STEEPEST * torch.tanh(slope / _STEEPEST)

    def _as_made(self) -> torch.set_grad_enabled:
        """Return a scope without gradients if this was made in one; the model's have theirs."""
        return torch.set_grad_enabled(torch.is_grad_enabled() and self.loc.requires_grad)

    def _placed(self, u: Tensor) -> Tensor:
        return self.loc + self.scale * u

    def log_prob(self, value: Tensor) -> Tensor:
        """Return log q of the last draw, (...) nats.

        Raises:
            UsageError: of any other z, or where a gradient is wanted and it was drawn without.
        """
        if self._last is not None and value is self._last[0]:
            _, log_q, has_gradient, _ = self._last
            if has_gradient or not torch.is_grad_enabled():
                return log_q
        raise UsageError(
            "A Hamiltonian posterior knows log q(z|x) of the z that it has just drawn, and of no "
            "other: the density of z alone is an integral over momenta.",
            where="--posterior hamiltonian",
            how="Use what needs its own draws alone (the ELBO, IWAE, --evidence importance), or "
            "--posterior gaussian.",
        )

    @property
    def start(self) -> Distribution:
        """q_0, batch (B,), event (L,)."""
        normal = Normal(self.loc, self.scale, validate_args=False)
        return Independent(normal, 1, validate_args=False)

    def kl(self, p: Distribution, known: Tensor) -> Tensor | None:
        r"""Return E[log q - log p(z_T)] of the last draw, (B,) nats, or None without one.

        .. math:: \log q - \log p(z_T) - \log \frac{q_0(z_0)}{p(z_0)} + KL(q_0 \| p)

        has the same mean and less noise, the less the nearer z_T is to z_0.

        Arguments:
            p: The prior.
            known: KL(q_0 || p) in closed form, (B,).
        """
        if self._last is None:
            return None
        z, log_q, has_gradient, begun = self._last
        if torch.is_grad_enabled() and not has_gradient:
            return None
        noise = self.start.log_prob(begun) - p.log_prob(begun)
        each = log_q - p.log_prob(z) - noise
        return each.reshape(-1, *self.batch_shape).mean(0) + known

    @property
    def mean(self) -> Tensor:
        """Where the mean of q_0 comes to from rest, (B, L)."""
        rest = torch.zeros_like(self.loc)[None]
        with self._as_made():
            moved, _ = self.move(rest, self.dynamics.heat * rest)
            return self._placed(moved)[0]

    @property
    def variance(self) -> Tensor:
        """The variance of fixed draws, (B, L)."""
        dims, found = self.loc.shape[-1], []
        for part in _spread(dims).to(self.loc).split(max(1, _TOGETHER // len(self.loc))):  # type: ignore[no-untyped-call]
            u, e = part[:, None].expand(-1, len(self.loc), -1).split(dims, -1)
            with self._as_made():
                found.append(self._placed(self.move(u, self.dynamics.heat * e)[0]))
        return torch.cat(found).var(0, unbiased=False)


def _spread(dims: int) -> Tensor:
    """Return 64 well-spread draws of position and momentum, of which none goes with another."""
    some = fixed_noise(2 * dims)[:16]
    u, e = (some / some.square().mean(0).sqrt()).chunk(2, -1)
    return torch.cat([torch.cat([i * u, j * e], -1) for i in (1, -1) for j in (1, -1)])
