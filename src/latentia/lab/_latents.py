"""How far a cloud of latents lies from N(0, I), and how far it moved."""

from __future__ import annotations

from itertools import combinations
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist

__all__ = [
    "displacement",
    "jeffreys",
    "kl_to_prior",
    "mmd_to_prior",
    "mmd_under_prior",
    "unmatched",
    "widened",
]

Array = npt.NDArray[Any]


def mmd_to_prior(z: Array, bandwidth: float = 1.0) -> float:
    r"""Return the unbiased squared MMD of latents (n, L) from N(0, I), by a Gaussian kernel.

    .. math:: MMD^2 = E k(z, z') - 2 E k(z, p) + E k(p, p'), \quad p \sim N(0, I)

    The two means over p have a closed form, so only z is sampled.

    Arguments:
        z: Latents, (n, L).
        bandwidth: h of exp(-|a - b|^2 / 2h^2).

    References:
        Gretton et al., "A kernel two-sample test", 2012; Baringhaus and Henze, 1988.
    """
    h, dim = bandwidth**2, z.shape[1]
    own = np.exp(-pdist(z, "sqeuclidean") / (2 * h)).mean()
    cross = np.exp(-np.square(z).sum(1) / (2 * (h + 1))).mean() * (h / (h + 1)) ** (dim / 2)
    return float(own - 2 * cross + (h / (h + 2)) ** (dim / 2))


def mmd_under_prior(n: int, dim: int, rng: np.random.Generator, repeats: int = 200) -> Array:
    """Return what `mmd_to_prior` gives for n draws of N(0, I) itself, (repeats,)."""
    return np.array([mmd_to_prior(rng.standard_normal((n, dim))) for _ in range(repeats)])


def kl_to_prior(z: Array) -> float:
    """Return the KL divergence of the normal distribution fitted to latents (n, L) from N(0, I).

    In nats: that of mean and covariance alone; the shape it does not see.
    """
    return _kl(z, np.zeros(z.shape[1]), np.eye(z.shape[1]))


def jeffreys(a: Array, b: Array) -> float:
    """Return the mean of both KL divergences between normals fitted to latents, (n, L) each."""
    both = [_kl(one, other.mean(0), np.cov(other.T)) for one, other in ((a, b), (b, a))]
    return float(np.mean(both))


def displacement(a: Array, b: Array) -> float:
    """Return how far the same examples moved from a to b (n, L), in units of their spread."""
    spread = (a.var(0).sum() + b.var(0).sum()) / 2
    return float(np.sqrt(np.square(a - b).sum(1).mean() / spread))


def unmatched(a: Array, b: Array) -> float:
    """Return the share of the variance of a map that no shift, turn and scale of another gives.

    Procrustes' disparity: 0 for the same map, 1 for two that have nothing in common.
    """
    return float(procrustes(a, b)[2])


def mean_over_seeds(values: Array) -> tuple[float, float]:
    """Return the mean of one value for each seed, (S,), and its error.

    The error is widened so that two of it are Student's 95% interval, which few seeds need.
    """
    return float(values.mean()), widened(values.std(ddof=1) / sqrt(len(values)), len(values))


def mean_over_pairs(values: Array) -> tuple[float, float]:
    """Return the mean of one value for each pair of seeds, (S (S - 1) / 2,), and its error.

    Pairs share seeds, so the error is a jackknife's over seeds, widened as above.
    """
    seeds = round((1 + sqrt(1 + 8 * len(values))) / 2)
    pairs = np.array(list(combinations(range(seeds), 2)))
    without = [values[(pairs != seed).all(1)].mean() for seed in range(seeds)]
    return float(values.mean()), widened(sqrt((seeds - 1) * np.var(without)), seeds)


def widened(error: float, seeds: int) -> float:
    """Return a standard error of so few seeds, such that two of it cover what Student's t asks."""
    return float(error * stats.t.ppf(0.975, seeds - 1) / 2)


def _kl(z: Array, mean: Array, covariance: Array) -> float:
    own, inverse = np.cov(z.T), np.linalg.inv(covariance)
    away = z.mean(0) - mean
    logs = np.linalg.slogdet(covariance)[1] - np.linalg.slogdet(own)[1]
    return float(0.5 * (np.trace(inverse @ own) + away @ inverse @ away - len(mean) + logs))
