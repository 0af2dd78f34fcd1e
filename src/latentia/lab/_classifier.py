"""A judge of decoded digits: a classifier of the real ones."""

from __future__ import annotations

import warnings
from typing import Any

import numpy.typing as npt
from scipy.stats import entropy
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from latentia.lab._bench import Part

__all__ = ["classifier", "scores"]

Array = npt.NDArray[Any]

_PASSES = 12
# A probability above which the classifier is sure.
_SURE = 0.9


def classifier(part: Part, seed: int) -> MLPClassifier:
    """Return scikit-learn's network, trained on the pixels / 255 of images, (n, H * W)."""
    judge = MLPClassifier((128,), max_iter=_PASSES, random_state=seed)
    with warnings.catch_warnings():
        # A fixed number of passes is meant.
        warnings.simplefilter("ignore", ConvergenceWarning)
        judge.fit(part.x.reshape(len(part.x), -1) / 255.0, part.y)
    return judge


def scores(p: Array) -> dict[str, float]:
    """Return how sure a classifier is of n images, and how many classes it sees, by its p (n, C).

    Returns:
        `confidence`, the mean of the largest p; `sure`, the share above 0.9; `entropy`, the mean
        entropy of p in nats; `information`, the entropy of the mean p minus it, in nats: the log
        of the inception score, at most log C, reached by images all clear and of all classes.
    """
    each = float(entropy(p, axis=1).mean())
    return {
        "confidence": float(p.max(1).mean()),
        "sure": float((p.max(1) > _SURE).mean()),
        "entropy": each,
        "information": float(entropy(p.mean(0))) - each,
    }
