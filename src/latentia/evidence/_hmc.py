"""Hamiltonian Monte Carlo along a path of distributions from a start to p(z|x)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.model import LatentVariableModel

__all__ = ["Path", "State", "transition"]

# A trajectory's step is scaled by a random factor in this range, so that no trajectory of a
# fixed length comes back to where it began.
_JITTER = (0.7, 1.3)


class State(NamedTuple):
    """Chains of latents with what the path needs of them.

    Arguments:
        z: Latents, (K, B, L).
        log_start: Log-density of the start at z, (K, B), float64.
        log_joint: log p(x, z), (K, B), float64.
        grad_start: Gradient of the first in z, (K, B, L).
        grad_joint: Gradient of the second in z, (K, B, L).
    """

    z: Tensor
    log_start: Tensor
    log_joint: Tensor
    grad_start: Tensor
    grad_joint: Tensor


class Path:
    r"""The geometric path log f_b(z) = (1 - b) log s(z) + b log p(x, z) for a batch x.

    Arguments:
        model: The model, in evaluation mode.
        x: Examples, (B, *x_shape).
        start: s(z), a normalized distribution of batch shape () or (B,).
    """

    def __init__(self, model: LatentVariableModel, x: Tensor, start: Distribution) -> None:
        self.model, self.x, self.start = model, x, start
        self.prior = model.prior()

    def draw(self, chains: int) -> State:
        """Return independent draws of the start, one for each chain."""
        shape = (chains,) if self.start.batch_shape else (chains, len(self.x))
        return self.at(self.start.sample(torch.Size(shape)))

    def at(self, z: Tensor) -> State:
        """Return the state of chains at z (K, B, L)."""
        with torch.enable_grad():
            z = z.detach().requires_grad_()
            log_start = self.start.log_prob(z)
            log_pz = self.prior.log_prob(z)
            log_px_z = self.model.log_likelihood(self.x, z)
            (grad_start,) = torch.autograd.grad(log_start.sum(), z)
            (grad_joint,) = torch.autograd.grad((log_px_z + log_pz).sum(), z)
        joint = log_px_z.detach().double() + log_pz.detach().double()
        return State(z.detach(), log_start.detach().double(), joint, grad_start, grad_joint)


def transition(
    path: Path, state: State, b: float, step: Tensor, leaps: int
) -> tuple[State, Tensor]:
    """Move every chain by one trajectory that leaves f_b invariant.

    Arguments:
        path: The path.
        state: The chains.
        b: Where on the path, 0 to 1.
        step: Step size, (B, L).
        leaps: Leapfrog steps.

    Returns:
        The new state, and the probability of acceptance of each chain, (K, B).
    """
    low, high = _JITTER
    step = step * torch.empty_like(state.log_joint).uniform_(low, high)[..., None].to(step)
    momentum = torch.randn_like(state.z)
    moved, force = state, _gradient(state, b)
    half = momentum + 0.5 * step * force
    for leap in range(leaps):
        moved = path.at(moved.z + step * half)
        force = _gradient(moved, b)
        half = half + (1.0 if leap < leaps - 1 else 0.5) * step * force
    gain = _energy(moved, b, half) - _energy(state, b, momentum)
    accept = gain.clamp_max(0).exp().nan_to_num(nan=0.0)  # a trajectory that fled to infinity
    taken = torch.rand_like(accept) < accept
    return State(*(_chosen(taken, a, b) for a, b in zip(moved, state, strict=True))), accept


def _gradient(state: State, b: float) -> Tensor:
    return (1 - b) * state.grad_start + b * state.grad_joint


def _energy(state: State, b: float, momentum: Tensor) -> Tensor:
    """Return the log-density of position and momentum, (K, B)."""
    potential = (1 - b) * state.log_start + b * state.log_joint
    return potential - 0.5 * momentum.double().square().sum(-1)


def _chosen(taken: Tensor, new: Tensor, old: Tensor) -> Tensor:
    return torch.where(taken[..., None] if new.dim() > taken.dim() else taken, new, old)
