"""The numbers of a trained model on a set of examples: one dictionary, nats per example."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite, log, nan, prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from latentia.errors import RunError
from latentia.evaluation.bound import bound
from latentia.evidence.importance import Evidence, importance_sampling
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["LogLikelihood", "evaluate", "log_likelihood"]

# Examples whose latents are drawn together; decoding is chunked again inside.
_ROWS = 64
# Below so many effective samples an estimate is a loose lower bound, and its own error unknown.
_FEW = 10


class LogLikelihood(NamedTuple):
    """An estimate of log p(x) for each of n examples, in nats."""

    each: Tensor
    variance: Tensor
    effective_samples: Tensor

    @property
    def standard_error(self) -> float:
        """Standard error of the mean over examples, in nats: how far another n might differ.

        One example does not say: NaN.
        """
        if len(self.each) < 2:
            return nan
        return float(self.each.std() / len(self.each) ** 0.5)

    @property
    def monte_carlo_error(self) -> float:
        """The part of it that more samples of z would remove, in nats, by the delta method.

        Meant for effective samples of ten and more; below, it is too small.
        """
        return float(self.variance.sum().sqrt() / len(self.each))


def log_likelihood(
    model: LatentVariableModel,
    examples: Examples,
    samples: int,
    *,
    seed: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> LogLikelihood:
    """Estimate log p(x) of every example by importance sampling from q(z|x).

    Arguments:
        model: A model whose bound is a likelihood.
        examples: n examples; a dynamic view is drawn once, the same for all samples of z.
        samples: K, samples of z for each example.
        seed: Seed of the binarization (the same as `bound`'s) and of z.
        progress: Told how many examples are done.

    Returns:
        `LogLikelihood`, nats, on the CPU.
    """
    parts: list[Evidence] = []
    done = 0
    for x in examples.batches(seed):
        for small in x.split(_ROWS):  # type: ignore[no-untyped-call]
            with seeded(seed, 2, done):
                parts.append(importance_sampling(model, small, samples))
            done += len(small)
            progress(done)
    columns = (torch.cat(column).cpu() for column in zip(*parts, strict=True))
    return LogLikelihood(*columns)


def evaluate(
    model: LatentVariableModel,
    examples: Examples,
    *,
    no_likelihood: str = "",
    importance: int = 0,
    seed: int = 0,
    corruption: Callable[[Tensor], Tensor] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    r"""Return the numbers of a model: its bound with parts, and its log-likelihood if it has one.

    .. math:: \text{bits/dim} = -\log p(x) / (D \ln 2)

    Arguments:
        model: A trained model.
        examples: Held-out examples.
        no_likelihood: Why the numbers are no likelihood; empty if they are.
        importance: K of the importance-sampled log-likelihood; 0 leaves it out.
        seed: Seed of binarization and draws.
        corruption: The noise that a denoising model was trained with; its bound with that noise
            on the encoder's input then stands beside, as `denoising`.
        progress: Told how many examples have their log-likelihood.

    Returns:
        A JSON-able dictionary, in nats per example unless named otherwise.
    """
    found = bound(model, examples, seed=seed)
    numbers: dict[str, Any] = {
        "elbo": found.elbo if model.bounds_evidence else None,
        "reconstruction": found.reconstruction,
        "kl": found.kl if model.bounds_evidence else None,
        "log_likelihood": None,
        "n_importance": None,
        "standard_error": None,
        "monte_carlo_error": None,
        "ess_median": None,
        "ess_low": None,
        "bits_per_dim": None,
        "active_units": found.active_units,
        "kl_per_dim": found.kl_per_dim,
        "n_examples": len(examples),
        "binarization": examples.view.binarize,
        "is_likelihood": not no_likelihood,
        "no_likelihood": no_likelihood or None,
    }
    if corruption is not None:
        noisy = bound(model, examples, seed=seed, corruption=corruption)
        numbers["denoising"] = {
            "elbo": noisy.elbo if model.bounds_evidence else None,
            "reconstruction": noisy.reconstruction,
            "kl": noisy.kl if model.bounds_evidence else None,
        }
    if not isfinite(found.reconstruction) or not isfinite(found.kl):
        raise RunError(
            f"The model's numbers are no numbers: reconstruction {found.reconstruction}, "
            f"KL {found.kl}.",
            how="It has diverged, or these data are far from its own; see `latentia data check`.",
        )
    if no_likelihood:
        return numbers
    best = found.elbo
    if importance:
        estimate = log_likelihood(model, examples, importance, seed=seed, progress=progress)
        best = float(estimate.each.mean())
        numbers |= {
            "log_likelihood": best,
            "n_importance": importance,
            "standard_error": None if len(examples) < 2 else estimate.standard_error,
            "monte_carlo_error": estimate.monte_carlo_error,
            "ess_median": float(estimate.effective_samples.median()),
            "ess_low": float((estimate.effective_samples < _FEW).double().mean()),
        }
    if examples.view.support != "levels" or model.likelihood.is_mass:
        numbers["bits_per_dim"] = -best / (_observed(examples) * log(2))
    return numbers


def _observed(examples: Examples) -> float:
    """Return the mean number of observed cells in an example."""
    cells = prod(examples.x_shape)
    if not examples.stored.is_floating_point():
        return cells
    missing = examples.stored[examples.index].isnan().double().mean()
    return cells * (1 - float(missing))
