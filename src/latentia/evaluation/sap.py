"""SAP: how much better the best code alone predicts a factor than the second best."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.errors import UsageError
from latentia.evaluation.factors import Factors, codes_of, index_of

__all__ = ["sap", "sap_scores"]

Array = npt.NDArray[Any]

_MOST_CLASSES = 10  # thresholds are searched among all orders of the classes


def sap(codes: Any, factors: Any, *, categorical: Collection[int] | None = None) -> float:
    """Return the separated attribute predictability of codes.

    It is the mean over factors of the best code's score less the second best's. A factor in order
    has R^2 as its score, so its gap is 1 at most; one without has a balanced accuracy, whose gap
    is 1 - 1/classes at most, for a code that knows nothing is right once in so many.

    Arguments:
        codes: (n, L).
        factors: (n, K); those in order count by the position of their values.
        categorical: Which factors have no order; those that `Factors` says where nothing is said.

    Raises:
        DataError: if these are not of the same examples.
        UsageError: if a factor without order has more than ten values.

    References:
        Kumar, Sattigeri and Balakrishnan, "Variational inference of disentangled latent concepts
        from unlabeled observations", 2018.
    """
    scores = np.sort(sap_scores(codes, factors, categorical=categorical), axis=0)
    second = scores[-2] if len(scores) > 1 else 0.0
    return float((scores[-1] - second).mean())


def sap_scores(codes: Any, factors: Any, *, categorical: Collection[int] | None = None) -> Array:
    r"""Return how well each code alone predicts each factor.

    .. math:: S_{dk} = \frac{Cov(z_d, v_k)^2}{Var(z_d) Var(v_k)}

    for a factor in order; else the best balanced accuracy that thresholds on z_d can have with
    one interval for each class. A constant code has R^2 = 0 and the accuracy of a guess.

    Arguments:
        codes: (n, L).
        factors: (n, K).
        categorical: As for `sap`.

    Returns:
        (L, K).

    Example:
        >>> sap_scores([[0.0], [1.0], [2.0], [3.0]], [[0, 0], [1, 0], [2, 1], [3, 1]])
        array([[1. , 0.8]])
    """
    v = index_of(factors)
    z = codes_of(codes, v)
    if categorical is None:
        categorical = factors.categorical if isinstance(factors, Factors) else ()
    found = np.empty((z.shape[1], v.shape[1]))
    for k, factor in enumerate(v.T):
        score = _accuracy if k in categorical else _r_squared
        found[:, k] = [score(code, factor) for code in z.T]
    return found


def _r_squared(code: Array, factor: Array) -> float:
    if np.ptp(code) == 0 or np.ptp(factor) == 0:
        return 0.0
    z, v = code - code.mean(), factor - factor.mean()
    return float((z @ v) ** 2 / ((z @ z) * (v @ v)))


def _accuracy(code: Array, factor: Array) -> float:
    """Return the best balanced accuracy of one interval of the code for each class.

    The classes may lie in any order: `best[used]` holds, after each of the sorted examples, the
    most that intervals for the classes of the set `used` can get right of those so far.
    """
    classes = int(factor.max()) + 1
    if classes > _MOST_CLASSES:
        raise UsageError(
            f"A factor without order has {classes} values, and at most {_MOST_CLASSES} can be "
            "told apart by thresholds.",
            where="categorical",
            how="Take it as one in order, or leave it out.",
        )
    right, cuts = _right(code, factor, classes)
    best = {0: np.where(np.arange(len(cuts)) == 0, 0.0, -np.inf)}
    for used in range(1, 1 << classes):
        ways = [
            np.maximum.accumulate(best[used & ~(1 << c)] - right[c]) + right[c]
            for c in range(classes)
            if used >> c & 1
        ]
        best[used] = np.max(ways, axis=0)
    return float(best[(1 << classes) - 1][-1] / classes)


def _right(code: Array, factor: Array, classes: int) -> tuple[Array, Array]:
    """Return the share of each class up to each place where a threshold may be, and the places."""
    order = np.argsort(code, kind="stable")
    z, v = code[order], factor[order]
    # Between equal codes no threshold fits.
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(z)) + 1, [len(z)]])
    counted = np.zeros((classes, len(z) + 1))
    for c in range(classes):
        counted[c, 1:] = np.cumsum(v == c)
    return (counted / counted[:, -1:])[:, cuts], cuts
