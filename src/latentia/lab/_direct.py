"""Draws of a normal distribution that know only its density, and the test that compares draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.stats import sampling
from torch.distributions import Distribution

__all__ = ["corrected", "direct", "p_values"]

Array = npt.NDArray[Any]


def direct(q: Distribution, n: int, rng: np.random.Generator) -> Array:
    """Return draws of a diagonal normal q by rejection under its density, (n, *batch, L).

    Neither the sampler nor the density that it is given knows of mu + sigma*eps.
    """
    loc, scale = q.mean.double().numpy(), q.stddev.double().numpy()
    drawn = np.empty((n, *loc.shape))
    for place in np.ndindex(loc.shape):
        sampler = sampling.TransformedDensityRejection(
            _Density(float(loc[place]), float(scale[place])), mode=loc[place], random_state=rng
        )
        drawn[:, *place] = sampler.rvs(n)
    return drawn


class _Density:
    """The density of N(mu, sigma^2) and its derivative, as scipy's samplers want it."""

    def __init__(self, mu: float, sigma: float) -> None:
        self.mu, self.variance = mu, sigma**2

    def pdf(self, z: float) -> float:
        return float(np.exp(-0.5 * (z - self.mu) ** 2 / self.variance))

    def dpdf(self, z: float) -> float:
        return -(z - self.mu) / self.variance * self.pdf(z)


def p_values(a: Array, b: Array, rng: np.random.Generator) -> Array:
    """Return p values of Kolmogorov and Smirnov's test of two samples (m, n, L), (n, 2L).

    Along the L axes, and along L random directions, in which a dependence between latents shows.
    """
    spread = b.std(0)
    turned = rng.standard_normal((*b.shape[1:], b.shape[2]))
    along = [np.einsum("mnl,nlk->mnk", part / spread, turned) for part in (a, b)]
    both = [
        np.concatenate([part, other], axis=2) for part, other in zip((a, b), along, strict=True)
    ]
    found: Array = stats.ks_2samp(*both, axis=0, method="asymp").pvalue
    return found


def corrected(p: Array) -> float:
    """Return the p value of the smallest of many, by Bonferroni."""
    return float(min(1.0, np.min(p) * np.size(p)))
