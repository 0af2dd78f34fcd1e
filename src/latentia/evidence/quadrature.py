"""Quadrature: log p(x) of a model with one or two latents, to any accuracy."""

from __future__ import annotations

from math import log
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution, MixtureSameFamily

from latentia.errors import UsageError
from latentia.evidence.base import Evidence, EvidenceEstimator, log_joint
from latentia.model import LatentVariableModel

__all__ = ["Grid", "Quadrature", "refine"]

# Standard deviations of prior and q that the first grid reaches: N(0, I) has 1e-15 beyond.
_REACH = 8.0
# Cells along one side of the first grid, by the number of latents.
_FIRST = {1: 512, 2: 64}
# Nats below the heaviest cell at which a cell is no longer refined.
_KEPT = 25.0
# Nats that log p(x, z) may rise within a cell before its centre does not stand for it.
_RISE = 3.0
_LEVELS = 12
# Cells of an example at which no more are made; how many are evaluated at once, and how many
# numbers of x they may be.
_MOST, _CELLS, _NUMBERS = 100_000, 2048, 1024 * 784
# What the cells left coarse may hold, in nats: a good many times exp(-25).
_LEFT_OUT = 1e-9


class Grid(NamedTuple):
    """The cells that cover the latent space for B examples, finer where p(x, z) is.

    Arguments:
        example: Which example a cell is for, (N,), 0 to B - 1.
        z: Its centre, (N, L).
        log_volume: The logarithm of its volume, (N,).
        log_joint: log p(x, z) at its centre in nats, (N,), float64.
        log_evidence: log p(x) of each example in nats, (B,), float64.
        error: What the last refinement changed and unresolved cells may add, in nats, (B,), and
            not below what the model's floats can tell apart.
    """

    example: Tensor
    z: Tensor
    log_volume: Tensor
    log_joint: Tensor
    log_evidence: Tensor
    error: Tensor


@final
class Quadrature(EvidenceEstimator):
    r"""Computes log p(x) of a model with one or two latents by the midpoint rule.

    .. math:: p(x) = \int p(x|z)\, p(z)\, dz \approx \sum_i h_i^L\, p(x|z_i)\, p(z_i)

    The grid covers eight standard deviations of the prior and of q. Cells are halved wherever
    p(x, z) may have weight, until log p(x) stands still and no cell may hide more. For a smooth
    integrand the error falls exponentially in (sd/h)^2, so the last change bounds it amply.

    What a cell may hide is told by its slope, and by p(x, z) at the mean of q and of the prior's
    parts: a ridge or a peak between the centres of coarse cells is followed, though it is at
    none of them.

    Arguments:
        tolerance: Change in nats below which refinement ends.

    References:
        Trefethen and Weideman, "The exponentially convergent trapezoidal rule", 2014.

    Example:
        >>> Quadrature(tolerance=1e-4).draws
        False
    """

    rows = 16
    draws: ClassVar[bool] = False

    def __init__(self, *, tolerance: float = 1e-3) -> None:
        if not 0 < tolerance < 1:
            raise UsageError(
                f"A tolerance is between 0 and 1 nat, not {tolerance}.",
                where="--evidence.tolerance",
                how="0.001 is exact enough to compare anything.",
            )
        self.tolerance = tolerance

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a model of more than two latents, or of none that are numbers."""
        super().require(model)
        shape = model.prior().event_shape
        if len(shape) != 1 or shape[0] not in _FIRST:
            raise UsageError(
                f"Quadrature is for one or two latents, and this model has {shape[0]}.",
                where="--evidence quadrature",
                how="Use --evidence annealed: its error does not grow so fast with the latents.",
            )

    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p(x) of x (B, *x_shape), with the last change as its error."""
        grid = refine(model, x, tolerance=self.tolerance)
        return Evidence(grid.log_evidence, grid.error)


@torch.no_grad()
def refine(model: LatentVariableModel, x: Tensor, *, tolerance: float = 1e-3) -> Grid:
    r"""Cover the latent space with cells, finer where p(x, z) and q(z|x) have weight.

    The normalized cells are the true posterior: p(z_i|x) = exp(log_joint_i - log p(x)).

    Arguments:
        model: A model with one or two latents.
        x: Examples, (B, *x_shape).
        tolerance: Change of log p(x) in nats below which refinement ends.

    Returns:
        The `Grid`.

    Raises:
        UsageError: if the model has more latents.
    """
    Quadrature(tolerance=tolerance).require(model)
    with model.evaluating():
        return _Refinement(model, x).run(tolerance)


class _Refinement:
    """The cells being refined (active), and those left as they are (settled)."""

    def __init__(self, model: LatentVariableModel, x: Tensor) -> None:
        self.model, self.x = model, x
        parts, q = _parts(model.prior()), _parts(model.posterior(x))
        low, high = _box(parts, q)
        self.side = _FIRST[len(low)]
        self.h = (high - low) / self.side
        middle = torch.arange(self.side, dtype=low.dtype) + 0.5
        axes = [lo + h * middle for lo, h in zip(low, self.h, strict=True)]
        centres = torch.cartesian_prod(*axes).reshape(-1, len(low)).to(x)
        self.example = torch.arange(len(x), device=x.device).repeat_interleave(len(centres))
        self.z = centres.repeat(len(x), 1)
        # Parts of the prior that are wider than a cell cannot hide in one.
        hidden = parts.mean[(parts.sd < self.h.to(x)).any(-1)][:, None]
        self.probes = torch.cat([q.mean[None], hidden.expand(-1, *q.mean.shape)])
        self.peaks = log_joint(model, x, self.probes)
        self.log_joint, self.rise = self._evaluate_shared(centres)
        self.settled: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        self.rest = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)

    def run(self, tolerance: float) -> Grid:
        """Refine until every example has settled."""
        before = self.log_evidence()
        change = hidden = torch.full_like(before, torch.inf)
        going = torch.ones(len(self.x), dtype=torch.bool, device=self.x.device)
        for _ in range(_LEVELS):
            self.split(going)
            now = self.log_evidence()
            change = torch.where(going, (now - before).abs(), change)
            hidden = torch.where(going, self._hidden(now), hidden)
            before, exact_to = now, _LEFT_OUT + torch.finfo(self.x.dtype).eps * now.abs()
            going &= change + hidden > exact_to.clamp_min(tolerance)
            going &= torch.bincount(self.example, minlength=len(self.x)) < _MOST
            if not going.any():
                break
        self._settle(torch.ones_like(self.example, dtype=torch.bool))
        example, z, volume, joint = map(torch.cat, zip(*self.settled, strict=True))
        return Grid(example, z, volume, joint, before, torch.maximum(change + hidden, exact_to))

    def log_evidence(self) -> Tensor:
        """Return log p(x) from all cells, (B,)."""
        active = _log_sum(self.log_joint + self._log_volume(), self.example, len(self.x))
        return torch.logaddexp(active, self.rest)

    def split(self, going: Tensor) -> None:
        """Halve the cells that may matter to the examples still going; settle all others.

        All of a peak is halved alike: the errors of a smooth one cancel on an even grid alone.
        """
        best = torch.full_like(self.rest, -torch.inf)
        best = best.scatter_reduce(0, self.example, self.log_joint, "amax")
        matters = going[self.example] & (self.log_joint + self.rise > best[self.example] - _KEPT)
        self._settle(~matters)
        dim = self.z.shape[1]
        corners = torch.cartesian_prod(*[torch.tensor([-0.25, 0.25])] * dim).reshape(-1, dim)
        offsets = (corners * self.h).to(self.z)
        self.z = (self.z[matters][:, None] + offsets).reshape(-1, dim)
        self.example = self.example[matters].repeat_interleave(len(offsets))
        self.h = self.h / 2
        self.log_joint, self.rise = self._evaluate()

    def _hidden(self, log_evidence: Tensor) -> Tensor:
        """Return how much log p(x) would grow if every unresolved cell were all peak, (B,)."""
        highest = self.log_joint + self.rise + self._log_volume()
        unresolved = highest.masked_fill(self.rise <= _RISE, -torch.inf)
        return torch.logaddexp(
            torch.zeros_like(log_evidence),
            _log_sum(unresolved, self.example, len(self.x)) - log_evidence,
        )

    def _settle(self, cells: Tensor) -> None:
        example, joint = self.example[cells], self.log_joint[cells]
        log_volume = torch.full_like(joint, self._log_volume())
        self.settled.append((example, self.z[cells], log_volume, joint))
        self.rest = torch.logaddexp(self.rest, _log_sum(joint + log_volume, example, len(self.x)))

    def _log_volume(self) -> float:
        return sum(log(h) for h in self.h.tolist())

    def _evaluate_shared(self, centres: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p(x, z) and its rise at centres shared by all, decoded once, (B * G,) each.

        Slopes are those to the neighbours, the steeper of both sides: for a concave function no
        point of the cell is above what they promise.
        """
        cells = max(1, self._at_once() // len(self.x))
        parts = [log_joint(self.model, self.x, z[:, None]) for z in centres.split(cells)]  # type: ignore[no-untyped-call]
        dim = centres.shape[1]
        joint = torch.cat(parts).T.reshape(-1, *[self.side] * dim)
        rise = torch.zeros_like(joint)
        for axis in range(1, dim + 1):
            step = joint.diff(dim=axis).abs()
            edge = torch.zeros_like(step.narrow(axis, 0, 1))
            rise += torch.maximum(torch.cat([edge, step], axis), torch.cat([step, edge], axis))
        return joint.reshape(-1), self._probed(joint.reshape(-1), 0.5 * rise.reshape(-1))

    def _evaluate(self) -> tuple[Tensor, Tensor]:
        """Return log p(x, z) at every active cell and how far it may rise within, (N,) each."""
        joint, rise, cells = [], [], self._at_once()
        for example, z in zip(self.example.split(cells), self.z.split(cells), strict=True):  # type: ignore[no-untyped-call]
            with torch.enable_grad():
                z = z.detach().requires_grad_()
                with self.model.given(self._conditions(example)):
                    each = log_joint(self.model, self.x[example], z[None])[0]
                (slope,) = torch.autograd.grad(each.sum(), z)
            joint.append(each.detach())
            rise.append((0.5 * self.h.to(slope) * slope.abs()).sum(-1).double())
        together = torch.cat(joint)
        return together, self._probed(together, torch.cat(rise))

    def _conditions(self, example: Tensor) -> Tensor | None:
        c = self.model.c
        return c if c is None or len(c) == 1 else c[example]

    def _probed(self, joint: Tensor, rise: Tensor) -> Tensor:
        """Return the rise of cells, those at a probe raised to what was found there, (N,)."""
        reach = 1.5 * self.h.to(self.z)
        for probes, peaks in zip(self.probes, self.peaks, strict=True):
            at = ((self.z - probes[self.example]).abs() < reach).all(-1)
            rise = torch.where(at, torch.maximum(rise, peaks[self.example] - joint), rise)
        return rise

    def _at_once(self) -> int:
        return max(1, min(_CELLS, _NUMBERS * len(self.x) // self.x.numel()))


class _Parts(NamedTuple):
    """Means and standard deviations of the Gaussians in a distribution, (M, L) each."""

    mean: Tensor
    sd: Tensor


def _parts(distribution: Distribution) -> _Parts:
    if isinstance(distribution, MixtureSameFamily):
        distribution = distribution.component_distribution
    dim = distribution.event_shape[0]
    return _Parts(distribution.mean.reshape(-1, dim), distribution.stddev.reshape(-1, dim))


def _box(*parts: _Parts) -> tuple[Tensor, Tensor]:
    """Return the lowest and the highest corner that some Gaussians reach, (L,) each."""
    low = torch.cat([part.mean - _REACH * part.sd for part in parts]).amin(0)
    high = torch.cat([part.mean + _REACH * part.sd for part in parts]).amax(0)
    return low.cpu().double(), high.cpu().double()


def _log_sum(values: Tensor, example: Tensor, count: int) -> Tensor:
    """Return the log of the sum of exp(values) for each example, (B,)."""
    best = torch.full((count,), -torch.inf, dtype=values.dtype, device=values.device)
    best = best.scatter_reduce(0, example, values, "amax").clamp_min(-1e300)
    total = torch.zeros_like(best).scatter_add(0, example, torch.exp(values - best[example]))
    return best + total.log()
