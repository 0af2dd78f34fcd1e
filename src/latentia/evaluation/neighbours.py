"""Precision, recall, density and coverage: samples and examples among each other's neighbours."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.neighbors import NearestNeighbors

from latentia.errors import UsageError

__all__ = ["Neighbours", "expected_coverage", "neighbours"]

Array = npt.NDArray[Any]
# Rows of the table of distances that are held at once.
_ROWS = 500


class Neighbours(NamedTuple):
    """How drawn examples lie among real ones, and real ones among drawn.

    Arguments:
        precision: The share of the drawn that lie in a ball of some real one, up to 1.
        recall: The share of the real that lie in a ball of some drawn one, up to 1.
        density: How many balls of real ones a drawn one lies in, over k; 1 on average if both are
            of one law, and above it where samples crowd.
        coverage: The share of the real in whose ball some drawn one lies, up to 1.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def neighbours(real: Array, drawn: Array, k: int = 5) -> Neighbours:
    r"""Compare two sets of features by the balls that reach to every point's k-th neighbour.

    With B(y) the ball around y that reaches to the k-th nearest other point of its own set:

    .. math:: \text{precision} = \frac{1}{m} \sum_j [x_j \in \bigcup_i B(y_i)], \quad
        \text{recall} = \frac{1}{n} \sum_i [y_i \in \bigcup_j B(x_j)]

    .. math:: \text{density} = \frac{1}{k m} \sum_{ij} [x_j \in B(y_i)], \quad
        \text{coverage} = \frac{1}{n} \sum_i [\exists j: x_j \in B(y_i)]

    All four depend on k and on how many points there are. One outlier among the real has a large
    ball that makes precision high, one among the drawn makes recall high; density and coverage
    have only balls of the real, and count them.

    Arguments:
        real: Features y of real examples, (n, D).
        drawn: Features x of drawn ones, (m, D).
        k: Which neighbour a ball reaches to.

    Returns:
        `Neighbours`.

    Raises:
        UsageError: if a set has no k-th neighbour.

    References:
        Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
        models", 2019. Naeem et al., "Reliable fidelity and diversity metrics for generative
        models", 2020.

    Example:
        >>> x = np.arange(8.0)[:, None]
        >>> neighbours(x, x + 0.25, k=1)
        Neighbours(precision=1.0, recall=1.0, density=1.875, coverage=1.0)
    """
    _require(k, len(real), len(drawn))
    # Distances come of squares and products, which are exacter around 0.
    centre = real.mean(0)
    real, drawn = real - centre, drawn - centre
    reach, reach_of_drawn = _reach(real, k), _reach(drawn, k)
    balls, recalled, covered = [], np.zeros(len(real), bool), np.zeros(len(real), bool)
    for start in range(0, len(drawn), _ROWS):
        rows = slice(start, start + _ROWS)
        apart = euclidean_distances(drawn[rows], real)
        inside = apart <= reach
        balls.append(inside.sum(1))
        covered |= inside.any(0)
        recalled |= (apart <= reach_of_drawn[rows, None]).any(0)
    count = np.concatenate(balls)
    return Neighbours(
        precision=float((count > 0).mean()),
        recall=float(recalled.mean()),
        density=float(count.mean() / k),
        coverage=float(covered.mean()),
    )


def expected_coverage(n: int, m: int, k: int = 5) -> float:
    r"""Return the mean coverage of n real examples by m draws of the same law, whatever it is.

    .. math:: 1 - \prod_{j=1}^{k} \frac{n - j}{n + m - j} \approx 1 - 2^{-k}, \quad n = m

    A real one is missed if the k nearest of the n + m - 1 others are real; any k are as likely.

    Arguments:
        n: Real examples.
        m: Draws.
        k: Which neighbour a ball reaches to.

    References:
        Naeem et al., 2020, section 3.3.

    Example:
        >>> round(expected_coverage(10000, 10000), 3)
        0.969
    """
    j = np.arange(1, k + 1)
    return float(1 - np.prod((n - j) / (n + m - j)))


def _reach(x: Array, k: int) -> Array:
    """Return the distance of each point to its k-th nearest other, (n,)."""
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(x)
    reach: Array = search.kneighbors()[0][:, -1]
    return reach


def _require(k: int, *sizes: int) -> None:
    if k < 1 or min(sizes) <= k:
        raise UsageError(
            f"Sets of {' and '.join(map(str, sizes))} have no neighbour number {k}.",
            where="--neighbours",
            how="Take more examples, or a neighbour from 1 on.",
        )
