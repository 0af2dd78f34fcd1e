"""Fitting families of q to true posteriors: every image has parameters of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor

from latentia.evidence.base import log_joint
from latentia.evidence.quadrature import Grid
from latentia.lab._families import Cells, Diagonal, Family, Flow, Full, Mixture
from latentia.model import LatentVariableModel

__all__ = ["Fitted", "best", "families", "fit", "gap", "modes"]

Array = npt.NDArray[Any]

# Adam's steps and highest rate, and the flow's: it starts nearer, and its networks need less.
_STEPS, _RATE = 200, 0.05
_FLOW_STEPS, _FLOW_RATE = 150, 0.01
# Draws of a posterior from which its modes are found, and the least variance of one.
_MODE_DRAWS, _VARIANCE = 2000, 1e-4
# Draws of a fitted q from which its KL is measured, through the model itself.
_DRAWS = 1000


class Fitted(NamedTuple):
    """What was fitted to the posteriors of B images.

    Arguments:
        family: q(u|x) by name.
        settled: The largest change of any image's KL over the last tenth of the steps, by name.
    """

    family: dict[str, Family]
    settled: dict[str, float]


def families(to: Cells, components: int, seed: int) -> Fitted:
    """Fit the Gaussians, the mixture and the flow, each from what the ones before it found.

    A Gaussian starts at the posterior's moments and at each of its modes, and the best fit of
    each image counts: KL(q || p(z|x)) has a minimum at every mode.

    Arguments:
        to: The posteriors.
        components: Gaussians in the mixture.
        seed: Seed of the modes' EM; other draws come from torch's global generator.
    """
    weights, means, trils = modes(to, components, seed)
    middle, unit = torch.zeros_like(means[:, 0]), torch.eye(2).expand(len(means), 2, 2)
    starts = [(middle, unit), *zip(means.unbind(1), trils.unbind(1), strict=True)]
    spreads = [tril.square().sum(-1).sqrt() for _, tril in starts]
    diagonals = [Diagonal(loc, sd) for (loc, _), sd in zip(starts, spreads, strict=True)]
    fulls = [Full(loc, tril) for loc, tril in starts]
    settled = {"diagonal": _best_of(diagonals, to), "full": _best_of(fulls, to)}
    mixture = Mixture(weights, means, trils)
    settled["mixture"] = _settled(fit(mixture, to, steps=_STEPS, rate=_RATE))
    flow = Flow(fulls[0])
    settled["flow"] = _settled(fit(flow, to, steps=_FLOW_STEPS, rate=_FLOW_RATE))
    found = {"diagonal": diagonals[0], "full": fulls[0], "mixture": mixture, "flow": flow}
    return Fitted(found, settled)


@torch.no_grad()
def gap(model: LatentVariableModel, x: Tensor, grid: Grid, to: Cells, q: Family) -> Array:
    """Return KL(q || p(z|x)) = log p(x) - ELBO(q) of a fitted q, (B,) nats, by fresh draws.

    The draws go through the model itself, which knows nothing of cells; they come from torch's
    global generator.
    """
    u = q.sample(_DRAWS)
    log_q = q.log_prob(u).double() - to.scale.log().sum(-1)
    z = (to.loc + to.scale * u).to(x)
    with model.evaluating():
        joint = torch.cat([log_joint(model, x, part) for part in z.split(50)])  # type: ignore[no-untyped-call]
    found: Array = (grid.log_evidence + (log_q - joint).mean(0)).numpy()
    return found


def fit(family: Family, to: Cells, *, steps: int, rate: float) -> Tensor:
    """Minimize KL(q || p(z|x)) of all images at once, each by its own parameters.

    Adam takes every number by itself, so that no image's steps depend on another's.

    Arguments:
        family: Changed in place.
        to: The posteriors.
        steps: Steps of Adam; its rate falls to nothing over them.
        rate: Adam's highest rate.

    Returns:
        The KL before each step and after the last, (steps + 1, B) nats.
    """
    adam = torch.optim.Adam(family.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=steps, pct_start=0.1)
    trace = []
    for _ in range(steps):
        adam.zero_grad()
        kl = to.kl(family.log_prob(to.u))
        kl.sum().backward()  # type: ignore[no-untyped-call]
        adam.step()
        schedule.step()
        trace.append(kl.detach())
    with torch.no_grad():
        trace.append(to.kl(family.log_prob(to.u)))
    return torch.stack(trace)


@torch.no_grad()
def best(families: Sequence[Family], kl: Tensor) -> Tensor:
    """Put the best of several fits of each image into the first family.

    Arguments:
        families: Fits of one family from S starts; the first is changed in place.
        kl: KL of each, (S, B).

    Returns:
        Which start was best, (B,).
    """
    which = kl.argmin(0)
    each = [family.parameters() for family in families]
    for parameter, *others in zip(*each, strict=True):
        every = torch.stack([parameter, *others])
        parameter.copy_(every[which, torch.arange(len(which))])
    return which


def modes(of: Cells, components: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return a mixture of Gaussians fitted by EM to draws of each posterior, in units of u.

    Returns:
        Weights (B, M), means (B, M, 2) and Cholesky factors of the covariances (B, M, 2, 2).
    """
    rng = np.random.default_rng(seed)
    mass = torch.exp(of.log_density + of.log_volume).double().numpy()
    found = []
    for u, weight in zip(of.u.transpose(0, 1).numpy(), mass.T, strict=True):
        drawn = u[rng.choice(len(u), _MODE_DRAWS, p=weight / weight.sum())]
        em = GaussianMixture(components, reg_covar=_VARIANCE, random_state=seed).fit(drawn)
        found.append((em.weights_, em.means_, np.linalg.cholesky(em.covariances_)))
    weights, means, trils = (
        torch.from_numpy(np.stack(part)).float() for part in zip(*found, strict=True)
    )
    return weights, means, trils


def _best_of(starts: Sequence[Family], to: Cells) -> float:
    """Fit a family from every start, put the best of each image into the first; how settled."""
    traces = [fit(family, to, steps=_STEPS, rate=_RATE) for family in starts]
    which = best(starts, torch.stack([trace[-1] for trace in traces]))
    taken = torch.stack(traces)[which, :, torch.arange(len(which))].T
    return _settled(taken)


def _settled(trace: Tensor) -> float:
    """Return the largest change of any image's KL over the last tenth of a trace (T, B)."""
    return float((trace[-1 - len(trace) // 10] - trace[-1]).abs().max())
