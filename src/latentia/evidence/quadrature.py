"""Quadrature: log p(x) of a model with one or two latents, to any accuracy."""

from __future__ import annotations

from math import log
from typing import ClassVar, NamedTuple, final

import torch
from torch import Tensor
from torch.distributions import Distribution, Normal

from latentia.errors import UsageError
from latentia.evidence.base import Evidence, Evidencer
from latentia.model import LatentVariableModel

__all__ = ["Grid", "Quadrature", "refine"]

# Standard deviations of prior and q that the first grid reaches: N(0, I) has 1e-15 beyond.
_REACH = 8.0
# Cells along one side of the first grid, by the number of latents.
_FIRST = {1: 512, 2: 64}
# Nats below the heaviest cell at which a cell is no longer refined, level by level. The first
# cells are coarse, and a narrow peak may hide beside the centre of one.
_KEPT = (60.0, 30.0, 25.0)
_LEVELS = 12
# Cells evaluated at once.
_CELLS = 2048


class Grid(NamedTuple):
    """The cells that cover the latent space for B examples, finer where p(x, z) is.

    Arguments:
        example: Which example a cell is for, (N,), 0 to B - 1.
        z: Its centre, (N, L).
        log_volume: The logarithm of its volume, (N,).
        log_joint: log p(x, z) at its centre in nats, (N,), float64.
        log_evidence: log p(x) of each example in nats, (B,), float64.
        error: What the last refinement changed, in nats, (B,).
    """

    example: Tensor
    z: Tensor
    log_volume: Tensor
    log_joint: Tensor
    log_evidence: Tensor
    error: Tensor


@final
class Quadrature(Evidencer):
    r"""Computes log p(x) of a model with one or two latents by the midpoint rule.

    .. math:: p(x) = \int p(x|z)\, p(z)\, dz \approx \sum_i h_i^L\, p(x|z_i)\, p(z_i)

    The grid covers eight standard deviations of the prior and of q, and is halved wherever
    p(x, z) has weight until it is finer than q and log p(x) stands still. For a smooth integrand
    the error falls exponentially in (sd/h)^2, so the last change bounds it amply.

    Arguments:
        tolerance: Change in nats below which refinement ends.

    References:
        Trefethen and Weideman, "The exponentially convergent trapezoidal rule", 2014.

    Example:
        >>> Quadrature(tolerance=1e-4).draws
        False
    """

    rows: ClassVar[int] = 16
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
        self.q, self.prior = model.posterior(x), model.prior()
        low, high = self._box()
        cells = _FIRST[len(low)]
        self.h = (high - low) / cells
        sides = [lo + h * (torch.arange(cells) + 0.5) for lo, h in zip(low, self.h, strict=True)]
        centres = torch.cartesian_prod(*sides).reshape(-1, len(low)).to(x)
        self.example = torch.arange(len(x), device=x.device).repeat_interleave(len(centres))
        self.z = centres.repeat(len(x), 1)
        self.log_joint = self._evaluate_shared(centres)
        self.settled: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
        self.rest = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)

    def run(self, tolerance: float) -> Grid:
        """Refine until every example has settled."""
        before = self.log_evidence()
        error = torch.full_like(before, torch.inf)
        going = torch.ones(len(self.x), dtype=torch.bool, device=self.x.device)
        finest = self.q.stddev.amin(-1)
        for level in range(_LEVELS):
            self.split(going, _KEPT[min(level, len(_KEPT) - 1)])
            now = self.log_evidence()
            error = torch.where(going, (now - before).abs(), error)
            before = now
            going &= (
                (error > tolerance) | (float(self.h.max()) > finest) | (level < len(_KEPT) - 1)
            )
            if not going.any():
                break
        self._settle(torch.ones_like(self.example, dtype=torch.bool))
        example, z, volume, joint = map(torch.cat, zip(*self.settled, strict=True))
        return Grid(example, z, volume, joint, before, error)

    def log_evidence(self) -> Tensor:
        """Return log p(x) from all cells, (B,)."""
        active = _log_sum(self.log_joint + self._log_volume(), self.example, len(self.x))
        return torch.logaddexp(active, self.rest)

    def split(self, going: Tensor, kept: float) -> None:
        """Halve the cells that matter to the examples still going; settle all others."""
        matters = going[self.example] & (self._weight() > -kept)
        self._settle(~matters)
        dim = self.z.shape[1]
        corners = torch.cartesian_prod(*[torch.tensor([-0.25, 0.25])] * dim).reshape(-1, dim)
        offsets = (corners * self.h).to(self.z)
        self.z = (self.z[matters][:, None] + offsets).reshape(-1, dim)
        self.example = self.example[matters].repeat_interleave(len(offsets))
        self.h = self.h / 2
        self.log_joint = self._evaluate()

    def _weight(self) -> Tensor:
        """Return how far a cell is below the heaviest of its example, under p(z|x) or q, (N,)."""
        return torch.maximum(self._below_best(self.log_joint), self._below_best(self._log_q()))

    def _below_best(self, values: Tensor) -> Tensor:
        best = torch.full((len(self.x),), -torch.inf, dtype=values.dtype, device=values.device)
        best = best.scatter_reduce(0, self.example, values, "amax")
        return values - best[self.example]

    def _log_q(self) -> Tensor:
        """Return the density of q, no narrower than a cell: else its centre would miss q."""
        loc, scale = self.q.mean, torch.maximum(self.q.stddev, self.h.to(self.z))
        wide = Normal(loc[self.example], scale[self.example], validate_args=False)
        log_q: Tensor = wide.log_prob(self.z)  # type: ignore[no-untyped-call]
        return log_q.sum(-1).double()

    def _settle(self, cells: Tensor) -> None:
        example, log_joint = self.example[cells], self.log_joint[cells]
        log_volume = torch.full_like(log_joint, self._log_volume())
        self.settled.append((example, self.z[cells], log_volume, log_joint))
        mass = _log_sum(log_joint + log_volume, example, len(self.x))
        self.rest = torch.logaddexp(self.rest, mass)
        if bool(cells.all()):
            self.log_joint = self.log_joint[:0]
            self.example = self.example[:0]

    def _log_volume(self) -> float:
        return sum(log(h) for h in self.h.tolist())

    def _box(self) -> tuple[Tensor, Tensor]:
        """Return the lowest and the highest corner that prior and q reach, (L,) each."""
        ends = [_ends(self.prior), _ends(self.q)]
        low = torch.cat([low.reshape(-1, low.shape[-1]) for low, _ in ends]).amin(0)
        high = torch.cat([high.reshape(-1, high.shape[-1]) for _, high in ends]).amax(0)
        return low.cpu().double(), high.cpu().double()

    def _evaluate_shared(self, centres: Tensor) -> Tensor:
        """Return log p(x, z) of every example at the same centres, decoded once, (B * G,)."""
        parts = [
            self._log_joint(self.x, z[:, None])
            for z in centres.split(max(1, _CELLS // len(self.x)))  # type: ignore[no-untyped-call]
        ]
        return torch.cat(parts).T.reshape(-1)

    def _evaluate(self) -> Tensor:
        """Return log p(x, z) at every active cell, (N,)."""
        parts = [
            self._log_joint(self.x[example], z[None])[0]
            for example, z in zip(self.example.split(_CELLS), self.z.split(_CELLS), strict=True)  # type: ignore[no-untyped-call]
        ]
        return torch.cat(parts)

    def _log_joint(self, x: Tensor, z: Tensor) -> Tensor:
        log_pz: Tensor = self.prior.log_prob(z).double()
        return self.model.log_likelihood(x, z).double() + log_pz


def _ends(distribution: Distribution) -> tuple[Tensor, Tensor]:
    reach = _REACH * distribution.stddev
    return distribution.mean - reach, distribution.mean + reach


def _log_sum(values: Tensor, example: Tensor, count: int) -> Tensor:
    """Return the log of the sum of exp(values) for each example, (B,)."""
    best = torch.full((count,), -torch.inf, dtype=values.dtype, device=values.device)
    best = best.scatter_reduce(0, example, values, "amax").clamp_min(-1e300)
    total = torch.zeros_like(best).scatter_add(0, example, torch.exp(values - best[example]))
    return best + total.log()
