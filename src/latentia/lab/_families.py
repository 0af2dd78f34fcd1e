"""Families of q over two latents, and the true posteriors that they are to come near."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import (
    Categorical,
    Distribution,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
)
from torch.func import functional_call, stack_module_state, vmap
from torch.nn import functional
from zuko.flows import NSF

from latentia.evidence.quadrature import Grid

__all__ = ["Cells", "Diagonal", "Family", "Flow", "Full", "Mixture", "cells"]

# Cells kept for each image: with 1024, what is left out is below 1e-3 even of a crooked posterior.
_CELLS = 1024
# The flow: transforms, bins of each spline, hidden units of the network that makes the second
# latent's spline from the first latent.
_TRANSFORMS, _BINS, _HIDDEN = 2, 8, (16,)
_TINY = 1e-12


class Cells(NamedTuple):
    """The true posteriors of B images on their N heaviest cells, and the rest of the plane.

    The latents are in units of each posterior's own mean and standard deviations:
    z = loc + scale * u.

    Arguments:
        u: Centres of the cells, (N, B, 2).
        log_volume: Their volumes in these units, (N, B); -inf where an image has fewer cells.
        log_density: log p(u|x), (N, B).
        log_rest: log of the posterior mass outside of the cells, (B,).
        loc: Mean of p(z|x), (B, 2).
        scale: Its standard deviations, (B, 2).
    """

    u: Tensor
    log_volume: Tensor
    log_density: Tensor
    log_rest: Tensor
    loc: Tensor
    scale: Tensor

    def kl(self, log_q: Tensor) -> Tensor:
        """Return KL(q || p(z|x)) in nats, (B,), of log q(u|x) (N, B) at the centres.

        All of the plane that is not in a cell counts as one more cell, so q gains nothing by
        fleeing there. By the inequality for coarser cells the sum is no more than the integral.
        """
        mass = torch.exp(log_q + self.log_volume)
        rest = (1 - mass.sum(0)).clamp_min(_TINY)
        inside = mass * (log_q - self.log_density)
        return inside.sum(0) + rest * (rest.log() - self.log_rest)


def cells(grid: Grid, count: int = _CELLS) -> Cells:
    """Return a grid's posteriors as `Cells`, the heaviest of each image first."""
    log_density = grid.log_joint - grid.log_evidence[grid.example]
    log_mass = log_density + grid.log_volume
    kept = []
    for i in range(len(grid.log_evidence)):
        mine = torch.nonzero(grid.example == i)[:, 0]
        kept.append(mine[log_mass[mine].argsort(descending=True, stable=True)[:count]])
    rows = nn.utils.rnn.pad_sequence(kept, padding_value=-1)
    there = rows >= 0
    mass = torch.where(there, log_mass[rows].exp(), 0.0)
    z = grid.z[rows].double()
    share = (mass / mass.sum(0))[..., None]
    loc = (share * z).sum(0)
    scale = (share * (z - loc) ** 2).sum(0).sqrt()
    jacobian = scale.log().sum(-1)
    return Cells(
        u=torch.where(there[..., None], (z - loc) / scale, 0.0).float(),
        log_volume=torch.where(there, grid.log_volume[rows] - jacobian, -torch.inf).float(),
        log_density=(log_density[rows] + jacobian).float(),
        log_rest=(1 - mass.sum(0)).clamp_min(_TINY).log().float(),
        loc=loc,
        scale=scale,
    )


class Family(nn.Module, ABC):
    """A density of u for each of B images, whose parameters have the images in front."""

    @abstractmethod
    def log_prob(self, u: Tensor) -> Tensor:
        """Return log q(u), (N, B), of u (N, B, 2)."""

    @abstractmethod
    def sample(self, count: int) -> Tensor:
        """Return draws, (count, B, 2)."""


class _Closed(Family):
    """A family that torch.distributions has."""

    @abstractmethod
    def distribution(self) -> Distribution:
        """Return q, batch (B,), event (2,)."""

    def log_prob(self, u: Tensor) -> Tensor:
        found: Tensor = self.distribution().log_prob(u)
        return found

    def sample(self, count: int) -> Tensor:
        with torch.no_grad():
            return self.distribution().sample(torch.Size([count]))


class Diagonal(_Closed):
    """A Gaussian with independent latents.

    Arguments:
        loc: Means to start from, (B, 2).
        scale: Standard deviations to start from, (B, 2).
    """

    def __init__(self, loc: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.loc, self.log_scale = nn.Parameter(loc.clone()), nn.Parameter(scale.log())

    def distribution(self) -> Distribution:
        each = Normal(self.loc, self.log_scale.exp(), validate_args=False)
        return Independent(each, 1, validate_args=False)


class Full(_Closed):
    """A Gaussian with any covariance.

    Arguments:
        loc: Means to start from, (B, 2).
        tril: Cholesky factors of the covariances to start from, (B, 2, 2).
    """

    def __init__(self, loc: Tensor, tril: Tensor) -> None:
        super().__init__()
        self.loc, self.entries = nn.Parameter(loc.clone()), nn.Parameter(_entries(tril))

    def distribution(self) -> Distribution:
        return MultivariateNormal(self.loc, scale_tril=_tril(self.entries), validate_args=False)


class Mixture(_Closed):
    """A mixture of Gaussians with any covariances.

    Arguments:
        weights: Weights to start from, (B, M).
        loc: Means to start from, (B, M, 2).
        tril: Cholesky factors of the covariances to start from, (B, M, 2, 2).
    """

    def __init__(self, weights: Tensor, loc: Tensor, tril: Tensor) -> None:
        super().__init__()
        self.logits, self.loc = nn.Parameter(weights.log()), nn.Parameter(loc.clone())
        self.entries = nn.Parameter(_entries(tril))

    def distribution(self) -> Distribution:
        each = MultivariateNormal(self.loc, scale_tril=_tril(self.entries), validate_args=False)
        which = Categorical(logits=self.logits, validate_args=False)
        return MixtureSameFamily(which, each, validate_args=False)


class Flow(Family):
    """A neural spline flow of its own for each image, which starts as a given Gaussian.

    Arguments:
        start: The Gaussian, whose coordinates the flow transforms.

    References:
        Durkan, Bekasov, Murray and Papamakarios, "Neural spline flows", 2019.
    """

    def __init__(self, start: Full) -> None:
        super().__init__()
        self._loc, self._tril = start.loc.detach(), _tril(start.entries).detach()
        flows = [_Spline() for _ in self._loc]
        stacked, self._constant = stack_module_state(flows)
        self._one, self._names = [flows[0]], list(stacked)
        self.each = nn.ParameterList(stacked.values())

    def log_prob(self, u: Tensor) -> Tensor:
        away = (u - self._loc).transpose(0, 1).transpose(1, 2)
        v = torch.linalg.solve_triangular(self._tril, away, upper=False).transpose(1, 2)
        log_v = self._called(v, False).T
        shrink: Tensor = self._tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return log_v - shrink

    @torch.no_grad()
    def sample(self, count: int) -> Tensor:
        v = self._called(torch.randn(len(self._loc), count, 2), True)
        return self._loc + (v @ self._tril.mT).transpose(0, 1)

    def _called(self, v: Tensor, inverse: bool) -> Tensor:
        """Call every image's flow on its own points, (B, N, 2)."""

        def one(parameters: Any, constant: Any, points: Tensor) -> Tensor:
            found: Tensor = functional_call(
                self._one[0], (parameters, constant), (points, inverse)
            )
            return found

        parameters = dict(zip(self._names, self.each, strict=True))
        found: Tensor = vmap(one)(parameters, self._constant, v)
        return found


class _Spline(nn.Module):
    """One flow: its log-density, or its way from the base to points."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = NSF(2, transforms=_TRANSFORMS, bins=_BINS, hidden_features=_HIDDEN)
        # With nothing coming out of the last layers every spline is the identity.
        for transform in self.flow.transform.transforms:
            for parameter in transform.hyper[-1].parameters():
                nn.init.zeros_(parameter)

    def forward(self, points: Tensor, inverse: bool) -> Tensor:
        distribution = self.flow()
        found: Tensor = (
            distribution.transform.inv(points) if inverse else distribution.log_prob(points)
        )
        return found


def _entries(tril: Tensor) -> Tensor:
    """Return the logarithm of the diagonal and what is below it, (..., 3), of (..., 2, 2)."""
    diagonal = tril.diagonal(dim1=-2, dim2=-1).log()
    return torch.cat([diagonal, tril[..., 1, :1]], -1)


def _tril(entries: Tensor) -> Tensor:
    """Return the Cholesky factors (..., 2, 2) of their entries (..., 3)."""
    below = functional.pad(entries[..., 2:, None], (0, 1, 1, 0))
    return torch.diag_embed(entries[..., :2].exp()) + below
