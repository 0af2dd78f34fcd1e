"""Estimates of log p(x) by samples of the prior and of q, and how many of the one are worth."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentia.evaluation.likelihood import LogLikelihood
from latentia.evidence.annealed import AnnealedImportanceSampling
from latentia.evidence.base import Evidence
from latentia.evidence.importance import ImportanceSampling
from latentia.evidence.naive import NaiveMonteCarlo
from latentia.evidence.quadrature import Quadrature
from latentia.lab._prior_samples import atoms
from latentia.model import LatentVariableModel

__all__ = ["DECADES", "PRIOR", "Measured", "Q", "matching", "measure"]

Array = npt.NDArray[Any]

# Samples that are compared: of the prior, and of q. More of q are drawn, in groups of this many.
PRIOR, Q, _Q_DRAWN = 1000, 100, 1000
# The simulated numbers of samples, in powers of ten, and how often each is simulated.
DECADES, _REPEATS = np.arange(1.5, 13.01, 0.5), 20
# Annealing starts from q: on two latents it is held against quadrature.
_ANNEALED = {"temperatures": 100, "chains": 8, "leaps": 3}


class Measured(NamedTuple):
    """What the estimators say of B images under a model of some latents; all (B,) in nats.

    Arguments:
        truth: log p(x), by quadrature or by annealed importance sampling.
        truth_error: How far off that may be.
        annealed: The same by annealed importance sampling in any case.
        naive: log p-hat of 1,000 samples of the prior.
        importance: log p-hat of 100 samples of q.
        prior: The mean of log p-hat by number of samples of the prior, drawn.
        q: The same by number of samples of q.
        simulated: The same by number of samples of the prior, simulated.
        matching: log10 of the prior samples whose log p-hat is on average that of 100 from q.
        prior_ess: Effective samples of 1,000 of the prior.
        q_ess: Effective samples of 100 of q.
        divergence: KL(p(z|x) || p(z)).
    """

    truth: Array
    truth_error: Array
    annealed: Array
    naive: Array
    importance: Array
    prior: dict[int, Array]
    q: dict[int, Array]
    simulated: dict[float, Array]
    matching: Array
    prior_ess: Array
    q_ess: Array
    divergence: Array

    @property
    def mean_error(self) -> float:
        """How far off the mean of `truth` may be: its own error and the logarithm's bias, nats."""
        known = LogLikelihood(torch.from_numpy(self.truth), torch.from_numpy(self.truth_error))
        return known.stated_error

    @property
    def naive_error(self) -> Array:
        """How far 1,000 samples of the prior are from log p(x), (B,) nats."""
        found: Array = np.abs(self.truth - self.naive)
        return found

    @property
    def q_error(self) -> Array:
        """How far 100 samples of q are from log p(x), (B,) nats."""
        found: Array = np.abs(self.truth - self.importance)
        return found


def measure(model: LatentVariableModel, x: Tensor) -> Measured:
    """Ask every estimator for log p(x) of x (B, *x_shape); torch's global generator draws."""
    annealed = AnnealedImportanceSampling(**_ANNEALED, start="posterior")(model, x)
    # Quadrature is exact, and has no more than two latents.
    exact = model.prior().event_shape[0] <= 2
    known = Quadrature()(model, x) if exact else annealed
    prior = NaiveMonteCarlo(samples=PRIOR)
    naive = prior(model, x)
    importance = ImportanceSampling(samples=Q)(model, x)
    many = ImportanceSampling(samples=_Q_DRAWN)
    by_prior = _by_samples(prior.rungs, naive)
    by_q = _by_samples(many.rungs, many(model, x))
    points = atoms(model, x)
    simulated = {10**k: points.naive(10**k, _REPEATS).numpy() for k in DECADES.tolist()}
    return Measured(
        truth=known.log_likelihood.numpy(),
        truth_error=known.error.numpy(),
        annealed=annealed.log_likelihood.numpy(),
        naive=naive.log_likelihood.numpy(),
        importance=importance.log_likelihood.numpy(),
        prior=by_prior,
        q=by_q,
        simulated=simulated,
        matching=matching(simulated, by_q[Q]),
        prior_ess=_effective(naive),
        q_ess=_effective(importance),
        divergence=points.divergence.numpy(),
    )


def matching(simulated: dict[float, Array], level: Array) -> Array:
    """Return log10 of the number of samples at which a rising estimate reaches a level, (B,).

    Arguments:
        simulated: The mean of log p-hat by number of samples, (B,) each.
        level: What is to be reached, (B,); beyond all numbers of samples, the last one counts.
    """
    decades = np.log10([*simulated])
    # The mean of log p-hat cannot fall with K; what falls is the noise of the simulation.
    rising = np.maximum.accumulate(np.stack([*simulated.values()]), axis=0)
    columns = zip(level, rising.T, strict=True)
    found: Array = np.array([np.interp(one, column, decades) for one, column in columns])
    return found


def _by_samples(counts: tuple[int, ...], evidence: Evidence) -> dict[int, Array]:
    assert evidence.ladder is not None  # the samplers here always have one
    return dict(zip(counts, evidence.ladder.numpy(), strict=True))


def _effective(evidence: Evidence) -> Array:
    assert evidence.effective_samples is not None
    found: Array = evidence.effective_samples.numpy()
    return found
