"""The ELBO and its parts over a set of examples: the one function behind every reported bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from latentia.model import LatentVariableModel, Terms
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["ACTIVE_VARIANCE", "Bound", "PerExample", "active_units", "bound", "per_example"]

# A latent is active if the posterior mean moves with x: Var_x(E_q[z_d|x]) > 0.01 (Burda et al.).
ACTIVE_VARIANCE = 0.01


class PerExample(NamedTuple):
    """The ELBO of each of n examples and its parts, in nats, with beta = 1 and constants in.

    Arguments:
        elbo: reconstruction - kl, (n,).
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,).
        kl_per_dim: The same for each latent, (n, L), or None where it does not factorize.
        mean: The posterior means E_q[z|x], (n, L).
    """

    elbo: Tensor
    reconstruction: Tensor
    kl: Tensor
    kl_per_dim: Tensor | None
    mean: Tensor


class Bound(NamedTuple):
    """The mean of `PerExample` over a set, in nats per example."""

    elbo: float
    reconstruction: float
    kl: float
    kl_per_dim: list[float] | None
    active_units: int


def per_example(
    model: LatentVariableModel,
    examples: Examples,
    *,
    seed: int = 0,
    samples: int = 1,
    corruption: Callable[[Tensor], Tensor] | None = None,
) -> PerExample:
    """Return the ELBO of every example, with dropout off and beta = 1.

    Arguments:
        model: The model.
        examples: n examples.
        seed: Seed of the binarization and of the draws of z.
        samples: K, draws of z for each example.
        corruption: Noise on the encoder's copy of x; the bound is that of the clean x all the
            same, since q may be any distribution.

    Returns:
        `PerExample`, nats, on the CPU.
    """
    parts: list[tuple[Terms, Tensor]] = []
    with torch.no_grad(), model.evaluating():
        for number, x in enumerate(examples.batches(seed)):
            with seeded(seed, 1, number):
                given = x if corruption is None else corruption(x)
                parts.append((model(x, samples, given=given), model.posterior(given).mean))
    per_dim = [t.kl_per_dim for t, _ in parts if t.kl_per_dim is not None]
    return PerExample(
        elbo=torch.cat([t.elbo for t, _ in parts]).cpu(),
        reconstruction=torch.cat([t.reconstruction for t, _ in parts]).cpu(),
        kl=torch.cat([t.regularization for t, _ in parts]).cpu(),
        kl_per_dim=torch.cat(per_dim).cpu() if len(per_dim) == len(parts) else None,
        mean=torch.cat([mean for _, mean in parts]).cpu(),
    )


def bound(
    model: LatentVariableModel,
    examples: Examples,
    *,
    seed: int = 0,
    corruption: Callable[[Tensor], Tensor] | None = None,
) -> Bound:
    """Return the mean ELBO over a set, its parts and the number of active latents."""
    each = per_example(model, examples, seed=seed, corruption=corruption)
    per_dim = None if each.kl_per_dim is None else each.kl_per_dim.double().mean(0).tolist()
    return Bound(
        elbo=each.elbo.double().mean().item(),
        reconstruction=each.reconstruction.double().mean().item(),
        kl=each.kl.double().mean().item(),
        kl_per_dim=per_dim,
        active_units=active_units(each.mean),
    )


def active_units(mean: Tensor) -> int:
    """Return how many latents have posterior means (n, L) of variance above 0.01.

    References:
        Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", 2016.

    Example:
        >>> active_units(torch.tensor([[0.0, 1.0], [0.0, -1.0]]))
        1
    """
    if len(mean) < 2:
        return 0
    return int((mean.double().var(0) > ACTIVE_VARIANCE).sum())
