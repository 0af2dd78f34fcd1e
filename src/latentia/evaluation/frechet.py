"""The Fréchet distance between Gaussians, such as those fitted to two sets of features."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentia.errors import UsageError

__all__ = ["Gaussian", "frechet_bias", "frechet_error", "frechet_squared"]

Array = npt.NDArray[Any]
# Groups of draws, of which one at a time is left out.
_GROUPS = 20


class Gaussian(NamedTuple):
    """A Gaussian over features.

    Arguments:
        mean: (D,).
        covariance: (D, D), symmetric, no eigenvalue below 0.
    """

    mean: Array
    covariance: Array

    @classmethod
    def of(cls, x: Array) -> Gaussian:
        """Return mean and unbiased covariance of features x (n, D).

        Raises:
            UsageError: if there are fewer than two.
        """
        if len(x) < 2:
            raise UsageError(f"{len(x)} examples have no covariance: it takes two or more.")
        return cls(x.mean(0), np.atleast_2d(np.cov(x, rowvar=False)))


def frechet_squared(a: Gaussian, b: Gaussian) -> float:
    r"""Return the square of the Fréchet distance between two Gaussians.

    .. math:: d^2 = |m_a - m_b|^2
        + \operatorname{tr}\left(C_a + C_b - 2 (C_a^{1/2} C_b C_a^{1/2})^{1/2}\right)

    It is also the squared Wasserstein distance W_2. Covariances may be singular.

    Arguments:
        a: One Gaussian.
        b: Another, of as many dimensions.

    Returns:
        d^2, in squared units of the features; no nats.

    References:
        Dowson and Landau, "The Fréchet distance between multivariate normal distributions", 1982.
        Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash
        equilibrium", 2017, take it of Inception's features and call it FID.

    Example:
        >>> one, other = (Gaussian(np.zeros(1), np.array([[s * s]])) for s in (1.0, 3.0))
        >>> round(frechet_squared(one, other), 6)
        4.0
    """
    # tr (C_a^1/2 C_b C_a^1/2)^1/2 is the sum of the singular values of C_a^1/2 C_b^1/2: taken so,
    # small ones are not lost in the root of a rounding error.
    roots = _root(a.covariance) @ _root(b.covariance)
    overlap = np.linalg.svd(roots, compute_uv=False).sum()
    spread = np.trace(a.covariance) + np.trace(b.covariance) - 2 * overlap
    return max(0.0, float(np.square(a.mean - b.mean).sum() + spread))


def frechet_bias(covariance: Array, n: int, m: int) -> float:
    r"""Return what d^2 is on average between n and m draws of one and the same Gaussian.

    .. math:: \left(\tfrac{1}{n} + \tfrac{1}{m}\right) \left( \operatorname{tr} C
        + \tfrac{1}{4} \operatorname{tr} C
        + \tfrac{1}{2} \sum_{ij} \frac{\lambda_i \lambda_j}{\lambda_i + \lambda_j} \right)

    To first order in 1/n and 1/m: means differ by tr C of it, and the distance between close
    covariances is half the sum of their squared differences over the sums of eigenvalues (the
    Bures metric). The truth would be 0, so d^2 is too large by about this, and falls with n.

    Arguments:
        covariance: C, (D, D).
        n: Draws of the one set.
        m: Draws of the other.

    Example:
        >>> frechet_bias(np.eye(1), 1000, 1000)
        0.003
    """
    values = np.linalg.eigvalsh(covariance).clip(0)
    sums = values[:, None] + values
    pairs = np.divide(np.outer(values, values), sums, out=np.zeros_like(sums), where=sums > 0)
    return float((1 / n + 1 / m) * (1.25 * values.sum() + pairs.sum() / 2))


def frechet_error(reference: Gaussian, drawn: Array) -> float:
    r"""Return the standard error of d^2 over the draws, by the jackknife over 20 groups.

    .. math:: \sqrt{\frac{G - 1}{G} \sum_g (d^2_{-g} - \overline{d^2_{-g}})^2}

    The reference is taken as given: all models that are compared with it share its luck.

    Arguments:
        reference: The Gaussian that drawn features are compared with.
        drawn: Features of independent draws, (n, D).

    Raises:
        UsageError: if there are fewer than two draws for every group.

    References:
        Efron and Stein, "The jackknife estimate of variance", 1981.
    """
    if len(drawn) < 2 * _GROUPS:
        raise UsageError(
            f"An error over {len(drawn)} draws cannot be told: it takes {2 * _GROUPS} or more."
        )
    without = []
    for left_out in np.array_split(np.arange(len(drawn)), _GROUPS):
        without.append(frechet_squared(reference, Gaussian.of(np.delete(drawn, left_out, axis=0))))
    return float(np.sqrt((_GROUPS - 1) * np.var(without)))


def _root(covariance: Array) -> Array:
    """Return the symmetric root of a covariance; what rounding left below 0 is 0."""
    values, vectors = np.linalg.eigh(covariance)
    root: Array = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    return root
