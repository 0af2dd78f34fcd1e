"""How much samples look like real examples, in named features and beside a floor of real ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt
from torch import Tensor

from latentia import room
from latentia.errors import UsageError
from latentia.evaluation.frechet import Gaussian, frechet_bias, frechet_error, frechet_squared
from latentia.evaluation.neighbours import Neighbours, expected_coverage, neighbours
from latentia.feature.base import Feature

__all__ = ["FEWEST", "Likeness", "Quality", "feature_for", "quality"]

Array = npt.NDArray[Any]
FEWEST = 100


class Likeness(NamedTuple):
    """How like real examples others are; no number is a likelihood.

    Arguments:
        frechet_squared: Squared Fréchet distance between the Gaussians of both sets of features.
        neighbours: Precision, recall, density and coverage.
    """

    frechet_squared: float
    neighbours: Neighbours

    def summary(self) -> dict[str, float]:
        """Return the five numbers by name."""
        return {"frechet_squared": self.frechet_squared, **self.neighbours._asdict()}


class Quality(NamedTuple):
    """What samples are like, and what other real examples are like: the floor.

    Arguments:
        drawn: Of the samples.
        floor: Of other real examples, as many; no model can be asked for more.
        standard_error: Of the samples' squared distance, over the draws of samples.
        bias: What sampling alone adds to every squared distance here, were features Gaussian.
        n: Examples in each of the three sets.
        k: Which neighbour the balls of precision and the others reach to.
        dimensions: D, numbers in a feature.
    """

    drawn: Likeness
    floor: Likeness
    standard_error: float
    bias: float
    n: int
    k: int
    dimensions: int

    def summary(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            **self.drawn.summary(),
            "frechet_standard_error": self.standard_error,
            "floor": self.floor.summary(),
            "frechet_bias": self.bias,
            "expected_density": 1.0,
            "expected_coverage": expected_coverage(self.n, self.n, self.k),
            "n": self.n,
            "neighbours": self.k,
            "dimensions": self.dimensions,
        }


def quality(real: Tensor, drawn: Tensor, other: Tensor, feature: Feature, k: int = 5) -> Quality:
    """Compare samples with real examples, and other real examples with the same.

    All three sets are of one size, for every number depends on it: the squared Fréchet distance is
    biased upwards by about 1/n, and the balls around few points are large. What the other real
    examples get is the floor; samples of the true law get no better on average. A model that gives
    its training examples back gets the floor as well: these numbers do not see it.

    Arguments:
        real: The real examples that all are compared with, best unseen ones, (n, C, H, W).
        drawn: Samples of a model, (n, C, H, W), of the same kind: black and white with black and
            white, grey with grey.
        other: Other real examples, of the same kind, (n, C, H, W).
        feature: What they are compared in.
        k: Which neighbour the balls reach to.

    Returns:
        `Quality`.

    Raises:
        UsageError: if the sets differ in size, have fewer than 100 examples, or are no images
            of this feature.

    References:
        Heusel et al., 2017; Kynkäänniemi et al., 2019; Naeem et al., 2020.

    Example:
        >>> import torch
        >>> from latentia.feature.pca import PCA
        >>> real, drawn, other = torch.rand(3, 100, 1, 4, 4)
        >>> found = quality(real, drawn, other, PCA(components=2))
        >>> found.n, found.dimensions
        (100, 2)
    """
    _require(len(real), len(drawn), len(other))
    _require_finite(samples=drawn, **{"real examples": other})
    extract = feature.of(real)
    reference, samples, others = (extract(x) for x in (real, drawn, other))
    gaussian = Gaussian.of(reference)
    return Quality(
        drawn=_likeness(reference, gaussian, samples, k),
        floor=_likeness(reference, gaussian, others, k),
        standard_error=frechet_error(gaussian, samples),
        bias=frechet_bias(gaussian.covariance, len(real), len(drawn)),
        n=len(real),
        k=k,
        dimensions=reference.shape[1],
    )


def feature_for(name: str) -> str:
    """Return the feature that is made for a named data set.

    Arguments:
        name: What a run calls its data.

    Raises:
        UsageError: if there is none; it says which can be chosen.

    Example:
        >>> feature_for("mnist5k")
        'mnist-classifier'
    """
    for member in room.names("feature"):
        if name in room.load("feature", member).sets:
            return member
    raise UsageError(
        f"No classifier that comes with latentia was made for {name!r}, and a distance between "
        "images says only what its features see.",
        where="--feature",
        how="Say in which features to compare: --feature pca, the principal components of the "
        f"pixels, fits all images; all: {', '.join(room.names('feature'))}.",
    )


def _likeness(reference: Array, gaussian: Gaussian, features: Array, k: int) -> Likeness:
    distance = frechet_squared(gaussian, Gaussian.of(features))
    return Likeness(distance, neighbours(reference, features, k))


def _require(*sizes: int) -> None:
    if len(set(sizes)) > 1 or sizes[0] < FEWEST:
        raise UsageError(
            f"Sets of {', '.join(map(str, sizes))} examples cannot be compared: it takes equally "
            f"many of each, and {FEWEST} or more.",
            where="-n",
            how="Use 10000 for numbers to publish, fewer where there are no more examples.",
        )


def _require_finite(**sets: Tensor) -> None:
    """Refuse what no feature has a number for; of the reference each feature says it itself."""
    for name, x in sets.items():
        if not x.isfinite().all():
            raise UsageError(
                f"Pixels of the {name} are no finite numbers.",
                how="The model has diverged, or pixels are missing in the data.",
            )
