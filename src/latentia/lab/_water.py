"""Linear VAEs, whose rate and collapse the eigenvalues of the data's covariance foretell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentia.evaluation.bound import ACTIVE_VARIANCE, active_units, per_example
from latentia.lab._bench import Bench

__all__ = ["LEVELS", "Level", "eigenvalues", "level", "water_filling"]

Array = npt.NDArray[Any]

# Water levels beta sigma^2, in squared grey; sigma = 1.
LEVELS = (0.5, 1.0, 2.0, 4.0, 8.0)
_RATE = 5e-3


class Level(NamedTuple):
    """A linear model at one water level.

    Arguments:
        level: beta sigma^2.
        rate: Its mean KL on test images in nats, and the standard error.
        theory: What the eigenvalues say it is at the optimum.
        active: Its active latents, and how many the eigenvalues allow.
    """

    level: float
    rate: tuple[float, float]
    theory: float
    active: tuple[int, int]


def water_filling(spectrum: Array, at: float) -> Array:
    """Return the KL in nats of the latent along every eigenvector at the optimum, (L,).

    Arguments:
        spectrum: Eigenvalues of the data's covariance, (L,).
        at: The water level, beta sigma^2.

    Example:
        >>> water_filling(np.array([4.0, 1.0, 0.5]), 1.0).round(3)
        array([0.693, 0.   , 0.   ])
    """
    found: Array = 0.5 * np.log(np.maximum(spectrum / at, 1.0))
    return found


def eigenvalues(x: Array, n: int) -> Array:
    """Return the n largest eigenvalues of the covariance of images (m, H, W) uint8, in [0, 1]."""
    flat = x.reshape(len(x), -1).astype(np.float32) / 255
    found: Array = np.linalg.eigvalsh(np.cov(flat.T))[::-1][:n]
    return found


def level(bench: Bench, x: Array, spectrum: Array, at: float) -> Level:
    """Train a linear VAE at a water level, and measure it on test images.

    Arguments:
        bench: Where it is trained.
        x: Test images, (n, H, W) uint8.
        spectrum: As many eigenvalues as it has latents, (L,).
        at: The water level.
    """
    model = bench.model(
        n_components=len(spectrum),
        network="linear",
        likelihood={"name": "gaussian", "sigma": "fixed", "value": 1.0},
        binarize="none",
        beta=at,
        learning_rate=_RATE,
    )
    each = per_example(model.model_, model.examples(x), seed=bench.seed)
    rate = each.kl.double()
    # At the optimum the posterior means of a latent have the variance 1 - level / l.
    allowed = int((1 - at / spectrum > ACTIVE_VARIANCE).sum())
    return Level(
        at,
        rate=(float(rate.mean()), float(rate.std() / len(rate) ** 0.5)),
        theory=float(water_filling(spectrum, at).sum()),
        active=(active_units(each.mean), allowed),
    )
