"""DCI: whether each code follows one factor, and each factor is in one code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.model_selection import train_test_split

from latentia.errors import DataError, UsageError
from latentia.evaluation.factors import codes_of, index_of

__all__ = ["Dci", "dci", "of_importance"]

Array = npt.NDArray[Any]


class Dci(NamedTuple):
    """Disentanglement, completeness and informativeness, each from 0 to 1.

    Arguments:
        disentanglement: How far each code is used for one factor only.
        completeness: How far each factor is read from one code only.
        informativeness: Share of held-out examples whose value is found, mean over factors; by
            chance one over the number of values.
        importance: Of each code for each factor, (L, K), columns that sum to 1.
    """

    disentanglement: float
    completeness: float
    informativeness: float
    importance: Array


def dci(
    codes: Any, factors: Any, *, classifier: ClassifierMixin | None = None, seed: int = 0
) -> Dci:
    """Let a classifier find each factor from the codes, and ask which codes it used.

    Eastwood and Williams use lasso and random forests; as in Locatello et al. (2019), and so that
    numbers can be held against theirs, it is gradient boosting here, scikit-learn's with its own
    settings, learned from three quarters of the examples.

    Arguments:
        codes: (n, L).
        factors: (n, K), two factors or more.
        classifier: Another of scikit-learn that has `feature_importances_` once it is fitted.
        seed: Seed of the division and of the classifier.

    Raises:
        DataError: if there is one factor only, or these are not of the same examples.
        UsageError: if the classifier does not say what it used.

    References:
        Eastwood and Williams, "A framework for the quantitative evaluation of disentangled
        representations", 2018; Locatello et al., "Challenging common assumptions in the
        unsupervised learning of disentangled representations", 2019.
    """
    v = index_of(factors)
    z = codes_of(codes, v)
    if v.shape[1] < 2:
        raise DataError(
            "With one factor there is nothing to disentangle it from.",
            where="factors",
            how="Give two or more.",
        )
    asked = GradientBoostingClassifier() if classifier is None else classifier
    train, test = train_test_split(np.arange(len(z)), test_size=0.25, random_state=seed)
    importance, right = [], []
    for factor in v.T:
        fitted = clone(asked).set_params(random_state=seed).fit(z[train], factor[train])
        if not hasattr(fitted, "feature_importances_"):
            raise UsageError(
                f"A {type(fitted).__name__} does not say which codes it used.",
                where="classifier",
                how="Use one with `feature_importances_`, such as a RandomForestClassifier.",
            )
        importance.append(fitted.feature_importances_)
        right.append(fitted.score(z[test], factor[test]))
    told = np.stack(importance, axis=1)
    return Dci(*of_importance(told), float(np.mean(right)), told)


def of_importance(importance: Array) -> tuple[float, float]:
    r"""Return disentanglement and completeness of a table of importances.

    .. math:: D = \sum_d \rho_d (1 - H_K(P_{d \cdot})), \quad
        C = \sum_k \rho_k (1 - H_L(P_{\cdot k}))

    with rows and columns brought to a sum of 1, entropies in units of log K and log L, and
    weights rho that are each row's and each column's share of all importance.

    Arguments:
        importance: (L, K), not negative.

    Returns:
        D and C; 0 where nothing is of importance.

    Example:
        >>> of_importance(np.eye(3))
        (1.0, 1.0)
        >>> of_importance(np.array([[1.0, 1.0], [0.0, 0.0]]))
        (0.0, 1.0)
    """
    return _focus(importance), _focus(importance.T)


def _focus(table: Array) -> float:
    """Return the weighted mean over rows of one minus the entropy of a row."""
    sums = table.sum(1)
    if not sums.any():
        return 0.0
    p = table / np.where(sums > 0, sums, 1)[:, None]
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(1)
    share = entropy / np.log(table.shape[1]) if table.shape[1] > 1 else entropy
    return float(((1 - share) * sums).sum() / sums.sum())
