"""The contract of the room: from a model and examples to log p(x), with an error."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.posterior.base import Refined

__all__ = [
    "Evidence",
    "EvidenceEstimator",
    "joined",
    "log_joint",
    "require_count",
    "require_density",
]


class Evidence(NamedTuple):
    """Estimates for each of B examples.

    Arguments:
        log_likelihood: log p(x) in nats, (B,), float64.
        error: How far each may be off, in nats, (B,): the standard error of an estimate that
            draws (by the delta method; NaN for a single draw), or the last change of one that
            refines a grid.
        effective_samples: Effective sample size of the weights, (B,), between 1 and K (0 where
            no sample has any weight), or None.
        ladder: The mean of log p-hat from k samples, (R, B) for R growing k, or None.
    """

    log_likelihood: Tensor
    error: Tensor
    effective_samples: Tensor | None = None
    ladder: Tensor | None = None


class EvidenceEstimator(ABC):
    """An estimator of log p(x). The draws come from torch's global generator."""

    # Examples taken at once: what is drawn for them at a time fits the processor's cache.
    rows: int = 64
    # Whether its errors are independent draws, which average out over examples.
    draws: ClassVar[bool] = True
    # Whether it is for latents of any kind, or for real numbers alone.
    any_latents: ClassVar[bool] = False
    # The k of the rungs of a ladder, ending in all samples; empty where there is none.
    rungs: tuple[int, ...] = ()

    @abstractmethod
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Estimate log p(x).

        Arguments:
            model: The model.
            x: Examples, (B, *x_shape): one binarization; NaN marks a missing cell.

        Returns:
            `Evidence`, each (B,).

        Raises:
            UsageError: if the model has no log p(x), or none that this estimator can reach.
        """

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a model that has no log p(x) at all, or latents that this estimator is not for.

        Raises:
            UsageError: if q is a point mass, the prior does not integrate to one, or the latents
                are codes or directions and need to be real numbers.
        """
        if not model.bounds_evidence:
            raise UsageError(
                "This model has no log p(x): its posterior is a point mass, or its prior does not "
                "integrate to one.",
                where="--evidence",
                how="An autoencoder has a reconstruction only; train a VAE for a likelihood.",
            )
        if not self.any_latents and model.prior.space != "real":
            raise UsageError(
                f"This estimator moves through real numbers, and these latents are "
                f"{_LATENTS[model.prior.space]}.",
                where="--evidence",
                how=f"Use --evidence {' or '.join(_others(model))}.",
            )


_LATENTS = {
    "binary": "zeros and ones",
    "one-hot": "choices of one of several",
    "sphere": "directions",
}


def _others(model: LatentVariableModel) -> list[str]:
    """Return the estimators that are for latents which are no real numbers."""
    counted = ["enumeration"] if model.prior.space != "sphere" else []
    return [*(["importance"] if model.posterior.covers else ["naive"]), *counted]


def log_joint(model: LatentVariableModel, x: Tensor, z: Tensor) -> Tensor:
    """Return log p(x, z) in nats, (K, B) float64, for x (B, *x_shape) and z (K, B or 1, L)."""
    log_pz: Tensor = model.prior().log_prob(z).double()
    return model.log_likelihood(x, z).double() + log_pz


def require_count(name: str, value: int, least: int = 1) -> int:
    """Return a number of draws, or raise for what is none.

    Raises:
        UsageError: if it is below the least.
    """
    if value < least:
        raise UsageError(
            f"{name} must be at least {least}, not {value}.",
            where=f"--evidence.{name}",
            how="More is slower and more exact.",
        )
    return value


def require_density(model: LatentVariableModel, where: str) -> None:
    """Refuse a posterior that knows log q(z|x) of its own draws alone.

    Raises:
        UsageError: saying which estimators ask for no more.
    """
    if isinstance(model.posterior, Refined):
        raise UsageError(
            "This estimator asks for log q(z|x) of any z, and this posterior knows it of its own "
            "draws alone.",
            where=where,
            how="Use --evidence importance, or annealed from the prior.",
        )


def joined(parts: list[Evidence]) -> Evidence:
    """Return the evidence of several batches as one, on the CPU."""

    def column(name: str) -> Tensor:
        return torch.cat([getattr(part, name).cpu() for part in parts], dim=-1)

    first = parts[0]
    return Evidence(
        column("log_likelihood"),
        column("error"),
        None if first.effective_samples is None else column("effective_samples"),
        None if first.ladder is None else column("ladder"),
    )
