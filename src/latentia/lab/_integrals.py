"""Every integral of the ELBO's identity, each by a rule of its own."""

from __future__ import annotations

from math import log
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy.integrate import cubature
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.distribution.divergence import closed_form_kl
from latentia.errors import UsageError
from latentia.evidence.base import log_joint
from latentia.evidence.quadrature import Grid, refine
from latentia.model import LatentVariableModel

__all__ = ["Integrals", "elbo_on_plane", "in_float64", "integrals"]

Array = npt.NDArray[Any]

# Change of log p(x) in nats at which the grid is fine enough.
_TOLERANCE = 1e-5
# Nodes of Gauss-Hermite along each latent: exact for a polynomial of degree 63 in z.
_NODES = 32
# Standard deviations of q that its own grid reaches, and the cells along each latent.
_SDS, _CELLS = 8.0, 48
# Relative error asked of the cubature, and how often it may halve a region.
_RTOL, _HALVINGS = 1e-5, 5000
# Nats of mass under p(z|x) and q below which a cell is outside the cubature's box.
_OUTSIDE = -25.0


class Integrals(NamedTuple):
    """The integrals of the identity for each of B examples, (B,) nats, float64.

    Arguments:
        log_px: log p(x), the integral of p(x, z), on a refined grid.
        elbo: E_q[log p(x, z) - log q(z|x)], the definition, on a grid of q's own.
        reconstruction: E_q[log p(x|z)], by Gauss-Hermite quadrature.
        kl_prior: KL(q(z|x) || p(z)), in closed form.
        kl_posterior: KL(q(z|x) || p(z|x)), by adaptive cubature.
        log_mean_weight: log E_q[p(x, z) / q(z|x)], by the cubature, which normalizes p(z|x).
    """

    log_px: Array
    elbo: Array
    reconstruction: Array
    kl_prior: Array
    kl_posterior: Array
    log_mean_weight: Array

    @property
    def identity(self) -> Array:
        """What log p(x) = (reconstruction - KL(q||p(z))) + KL(q||p(z|x)) leaves over, (B,)."""
        left: Array = self.log_px - (self.reconstruction - self.kl_prior) - self.kl_posterior
        return left

    @property
    def split(self) -> Array:
        """What ELBO = reconstruction - KL(q||p(z)) leaves over, (B,)."""
        left: Array = self.elbo - (self.reconstruction - self.kl_prior)
        return left

    @property
    def jensen(self) -> Array:
        """What Jensen's inequality loses, log E_q[w] - E_q[log w], (B,)."""
        lost: Array = self.log_mean_weight - (self.reconstruction - self.kl_prior)
        return lost


def integrals(model: LatentVariableModel, x: Tensor) -> Integrals:
    """Return every term of the identity for x (B, *x_shape) and a model with two latents.

    Raises:
        UsageError: if it has more latents.
    """
    grid = refine(model, x, tolerance=_TOLERANCE)
    with torch.no_grad(), model.evaluating():
        q = model.posterior(x)
        exact = in_float64(q)
        kl = closed_form_kl(q, model.prior()).total
        reconstruction = _gauss_hermite(model, x, exact)
        elbo = elbo_on_plane(model, x, exact)
        pairs = [_cubature(model, x[i : i + 1], *_box(grid, exact, i)) for i in range(len(x))]
    if kl is None:
        raise UsageError("The identity needs KL(q(z|x) || p(z)) in closed form.")
    kl_posterior, log_mean_weight = np.array(pairs).T
    return Integrals(
        grid.log_evidence.numpy(),
        elbo,
        reconstruction.numpy(),
        kl.double().numpy(),
        kl_posterior,
        log_mean_weight,
    )


def elbo_on_plane(model: LatentVariableModel, x: Tensor, q: Distribution) -> Array:
    """Return E_q[log p(x, z) - log q(z|x)] by the midpoint rule on a grid of q's own, (B,).

    Cells of a third of a standard deviation leave an error far below float32's.
    """
    middle = (torch.arange(_CELLS, dtype=torch.float64) + 0.5) / _CELLS
    unit = torch.cartesian_prod(*[_SDS * (2 * middle - 1)] * 2)
    log_volume = 2 * log(2 * _SDS / _CELLS) + q.stddev.log().sum(-1)
    total = torch.zeros(len(x), dtype=torch.float64)
    for part in unit.split(64):  # type: ignore[no-untyped-call]
        z = q.mean + q.stddev * part[:, None]
        log_q = q.log_prob(z)
        each = log_joint(model, x, z.to(x)) - log_q
        total += (torch.exp(log_q + log_volume) * each).sum(0)
    found: Array = total.numpy()
    return found


def _gauss_hermite(model: LatentVariableModel, x: Tensor, q: Distribution) -> Tensor:
    """Return E_q[log p(x|z)], (B,), by a product rule in the units of q."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    unit = torch.cartesian_prod(*[torch.from_numpy(nodes)] * 2)
    weight = torch.from_numpy(np.outer(weights, weights).ravel() / weights.sum() ** 2)
    z = (q.mean + q.stddev * unit[:, None]).to(x)
    log_px_z = torch.cat([model.log_likelihood(x, part) for part in z.split(64)])  # type: ignore[no-untyped-call]
    return weight @ log_px_z.double()


def _cubature(
    model: LatentVariableModel, x: Tensor, q: Distribution, box: _Box
) -> tuple[float, float]:
    """Return KL(q || p(z|x)) with p(z|x) normalized by the same rule, and log E_q[w].

    Arguments:
        model: The model.
        x: One example, (1, *x_shape).
        q: q(z|x), event (2,).
        box: Where p(z|x) and q are.
    """

    def integrands(points: Array) -> Array:
        z = torch.from_numpy(points)
        joint = log_joint(model, x, z[:, None].to(x))[:, 0] - box.log_scale
        log_q = q.log_prob(z)
        parts = (joint.exp(), log_q.exp(), log_q.exp() * (log_q - joint))
        stacked: Array = torch.stack(parts, -1).numpy()
        return stacked

    found = cubature(
        integrands,
        box.low,
        box.high,
        rule="gk15",
        rtol=_RTOL,
        atol=_RTOL,
        max_subdivisions=_HALVINGS,
    )
    if found.status != "converged":
        return float("nan"), float("nan")
    evidence, mass, cross = found.estimate
    log_evidence = float(np.log(evidence))
    return float(cross + mass * log_evidence), log_evidence + box.log_scale


class _Box(NamedTuple):
    """A rectangle in the plane of z, and about log p(x), so that no exponential overflows."""

    low: Array
    high: Array
    log_scale: float


def _box(grid: Grid, q: Distribution, i: int) -> tuple[Distribution, _Box]:
    """Return q of example i, and the box about the cells that weigh anything to it."""
    mine, only = grid.example == i, _at(q, torch.tensor(i))
    z, volume, log_px = grid.z[mine].double(), grid.log_volume[mine], grid.log_evidence[i]
    density = torch.maximum(grid.log_joint[mine] - log_px, only.log_prob(z))
    keep = density + volume > _OUTSIDE
    side = torch.exp(volume[keep].max() / 2)
    reach = _SDS * only.stddev
    low = torch.minimum(z[keep].amin(0) - side, only.mean - reach)
    high = torch.maximum(z[keep].amax(0) + side, only.mean + reach)
    return only, _Box(low.numpy(), high.numpy(), float(log_px))


def in_float64(q: Distribution) -> Distribution:
    """Return a Gaussian q in float64."""
    return Independent(Normal(q.mean.double(), q.stddev.double()), 1)


def _at(q: Distribution, example: Tensor) -> Distribution:
    """Return q of given examples."""
    return Independent(Normal(q.mean[example], q.stddev[example]), 1)
