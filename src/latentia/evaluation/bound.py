"""The ELBO and its parts over a set of examples: the one function behind every reported bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from latentia.marginal import over_classes
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective
from latentia.rng import seeded
from latentia.view import BATCH, Examples

__all__ = [
    "ACTIVE_VARIANCE",
    "Bound",
    "PerExample",
    "active_units",
    "bound",
    "mean_objective",
    "mean_of",
    "per_example",
    "reported",
    "use_of_latents",
]

# A latent is active if the posterior mean moves with x: Var_x(E_q[z_d|x]) > 0.01 (Burda et al.).
ACTIVE_VARIANCE = 0.01
# A KL below this, in nats, tells a decoder next to nothing.
_SILENT = 0.1


class PerExample(NamedTuple):
    """The ELBO of each of n examples and its parts, in nats, with beta = 1 and constants in.

    Arguments:
        elbo: reconstruction - kl, (n,).
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,).
        kl_per_dim: The same for each latent, (n, L), or None where it does not factorize.
        mean: The posterior means E_q[z|x], (n, L).
        kl_of_class: KL(q(y|x) || p(y)), (n,), part of `kl`; None where no class is a latent.
    """

    elbo: Tensor
    reconstruction: Tensor
    kl: Tensor
    kl_per_dim: Tensor | None
    mean: Tensor
    kl_of_class: Tensor | None = None


class Bound(NamedTuple):
    """The mean of `PerExample` over a set, in nats per example."""

    elbo: float
    reconstruction: float
    kl: float
    kl_per_dim: list[float] | None
    active_units: int
    kl_of_class: float | None = None

    def numbers(self, model: LatentVariableModel) -> dict[str, Any]:
        """Return them by name as they are reported; that of a class only where one is a latent."""
        found = self._asdict() | reported(model, self.elbo, self.reconstruction, self.kl)
        return found if self.kl_of_class is not None else _without(found, "kl_of_class")


def _without(numbers: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in numbers.items() if key != name}


def reported(
    model: LatentVariableModel, elbo: Any, reconstruction: Any, kl: Any
) -> dict[str, Any]:
    r"""Return a bound and its parts by the names under which everything shows them.

    What bounds nothing has no ELBO and no KL. From a point to a density the KL is infinite:

    .. math:: KL(\mathcal N(\mu, \sigma^2) \| p) \to \infty \quad (\sigma \to 0)

    and what stands in its place, -log p(z) at the point, is a penalty in the units of z. It is
    told as `log_pz`, beside the reconstruction and never taken from it.

    Arguments:
        model: Whose numbers they are.
        elbo: reconstruction - kl; of a set or of each of n examples, all three.
        reconstruction: E_q[log p(x|z)].
        kl: What `Terms.regularization` is.

    Returns:
        `elbo`, `reconstruction` and `kl`, nats; of points under a prior with a density `log_pz`.
    """
    if model.bounds_evidence:
        return {"elbo": elbo, "reconstruction": reconstruction, "kl": kl}
    found = {"elbo": None, "reconstruction": reconstruction, "kl": None}
    if model.posterior.has_density or not model.prior.is_proper:
        return found
    return found | {"log_pz": -kl}


def per_example(
    model: LatentVariableModel,
    examples: Examples,
    *,
    seed: int = 0,
    samples: int = 1,
    corruption: Callable[[Tensor], Tensor] | None = None,
    batch: int | None = None,
) -> PerExample:
    """Return the ELBO of every example, with dropout off and beta = 1.

    Arguments:
        model: The model.
        examples: n examples.
        seed: Seed of the binarization and of the draws of z.
        samples: K, draws of z for each example.
        corruption: Noise on the encoder's copy of x; the bound is that of the clean x all the
            same, since q may be any distribution.
        batch: Which batch of `Examples.pairs` alone is asked for, with the numbers that it has
            among all, since noise is a function of its place; all if None.

    Returns:
        `PerExample`, nats, on the CPU.
    """
    found: dict[str, Tensor] = {}
    first, done, n = batch or 0, 0, len(examples)
    if batch is not None:
        n = min(BATCH, n - batch * BATCH)
    complete = model.seeing(complete=examples.complete)
    with torch.no_grad(), model.evaluating(), complete:
        for number, (x, c) in enumerate(examples.pairs(seed, only=batch), first):
            with seeded(seed, 1, number), model.given(c):
                seen = x if corruption is None else corruption(x)
                terms, mean = _measured(model, x, seen, samples)
            _store(found, terms, mean, done, n)
            done += len(x)
    return PerExample(**{name: found.get(name) for name in PerExample._fields})  # type: ignore[arg-type]


def _measured(
    model: LatentVariableModel, x: Tensor, seen: Tensor, samples: int
) -> tuple[Terms, Tensor]:
    """Return the terms of a batch and the posterior means (B, L)."""
    if model.is_open:
        return over_classes(model, x, seen, samples)
    q = model.posterior(seen)
    return model.terms(x, q.rsample(torch.Size([samples])), q), q.mean


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
        "kl_of_class": terms.kl_of_class,
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
    return mean_of(per_example(model, examples, seed=seed, corruption=corruption))


def mean_of(each: PerExample) -> Bound:
    """Return the mean over a set and its number of active latents."""
    per_dim = None if each.kl_per_dim is None else each.kl_per_dim.double().mean(0).tolist()
    of_class = each.kl_of_class
    return Bound(
        elbo=each.elbo.double().mean().item(),
        reconstruction=each.reconstruction.double().mean().item(),
        kl=each.kl.double().mean().item(),
        kl_per_dim=per_dim,
        active_units=active_units(each.mean),
        kl_of_class=None if of_class is None else of_class.double().mean().item(),
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


def use_of_latents(kl: float | None, active: int, latents: int) -> str:
    """Say whether z is used by a decoder that can do without: an autoregressive one.

    Arguments:
        kl: The mean KL in nats, or None where there is none.
        active: Latents whose posterior mean moves with x.
        latents: L.

    Example:
        >>> use_of_latents(7.5, 9, 20)
        'z is used: KL 7.50 nats, 9 of 20 latents active'
        >>> use_of_latents(0.004, 0, 20)
        'z is ignored: KL 0.00 nats, 0 of 20 latents active'
    """
    used = active > 0 and (kl is None or kl >= _SILENT)
    nats = "" if kl is None else f"KL {kl:.2f} nats, "
    return f"z is {'used' if used else 'ignored'}: {nats}{active} of {latents} latents active"
