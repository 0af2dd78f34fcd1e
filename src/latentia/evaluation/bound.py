"""The ELBO and its parts over a set of examples: the one function behind every reported bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective
from latentia.rng import seeded
from latentia.view import Examples

__all__ = [
    "ACTIVE_VARIANCE",
    "Bound",
    "PerExample",
    "active_units",
    "bound",
    "mean_objective",
    "per_example",
]

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
    found: dict[str, Tensor] = {}
    done = 0
    complete = model.seeing(complete=examples.complete)
    with torch.no_grad(), model.evaluating(), complete:
        for number, (x, c) in enumerate(examples.pairs(seed)):
            with seeded(seed, 1, number), model.given(c):
                q = model.posterior(x if corruption is None else corruption(x))
                terms = model.terms(x, q.rsample(torch.Size([samples])), q)
            _store(found, terms, q.mean, done, len(examples))
            done += len(x)
    return PerExample(**{name: found.get(name) for name in PerExample._fields})  # type: ignore[arg-type]


def _store(found: dict[str, Tensor], terms: Terms, mean: Tensor, start: int, n: int) -> None:
    """Write the numbers of one batch into arrays for all n examples.

    Kept as they come, the small results would hold the memory of the large activations open.
    """
    parts = {
        "elbo": terms.elbo,
        "reconstruction": terms.reconstruction,
        "kl": terms.regularization,
        "kl_per_dim": terms.kl_per_dim,
        "mean": mean,
    }
    for name, part in parts.items():
        if part is not None:
            if name not in found:
                found[name] = torch.empty(n, *part.shape[1:])
            found[name][start : start + len(part)] = part.cpu()


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


def mean_objective(
    model: LatentVariableModel,
    examples: Examples,
    objective: Objective,
    *,
    seed: int = 0,
    corruption: Callable[[Tensor], Tensor] | None = None,
) -> float:
    """Return the mean of an objective over a set, its schedules over, in nats per example.

    A critic's opinion is left out: it learns from epoch to epoch, and measured by it an early one,
    which it did not yet see through, would be the better.
    """
    total = 0.0
    with torch.no_grad(), model.evaluating():
        for number, (x, c) in enumerate(examples.pairs(seed)):
            with seeded(seed, 1, number), model.given(c):
                given = x if corruption is None else corruption(x)
                terms = objective.terms(model, x, given=given)
                value = objective(terms._replace(penalty=None) if objective.contested else terms)
            total += value.double().sum().item()
    return total / len(examples)


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
