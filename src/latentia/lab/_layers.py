"""What a decoder's layers make of the prior, in distances that are fair between widths."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy.spatial.distance import cdist, pdist
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from torch import Tensor

from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["Distances", "distances", "energy", "images_from_normal", "layers", "whitening"]

Array = npt.NDArray[Any]

# Draws of the prior in one repeat, and those on which a layer's whitening is fitted.
_DRAWS, _FIT = 1000, 4000
# Leading components of the images in which samples and images are compared, and the ridge of
# the linear maps, in units of one example.
_COMPONENTS, _RIDGE = 20, 1.0


class Distances(NamedTuple):
    """Distances of the layers' distributions under z ~ p(z) over R repeats.

    Arguments:
        normal: Energy distance from N(0, I) of the leading components, whitened, (R, layers).
        data: Energy distance to test images of what a linear map makes of the layer, (R, layers).
    """

    normal: Array
    data: Array


def energy(x: Array, y: Array) -> float:
    r"""Return the energy distance between the distributions that x (n, d) and y (m, d) are from.

    .. math:: 2 E\|X - Y\| - E\|X - X'\| - E\|Y - Y'\|

    It is zero only if both are the same. The estimate is unbiased, so it can fall below.

    References:
        Szekely and Rizzo, "Energy statistics: a class of statistics based on distances", 2013.
    """
    return float(2 * cdist(x, y).mean() - pdist(x).mean() - pdist(y).mean())


def whitening(x: Array, components: int) -> PCA:
    """Return the map of x's distribution (n, d) to its leading components, each of variance 1."""
    return PCA(components, whiten=True, svd_solver="covariance_eigh").fit(x)


@torch.no_grad()
def layers(model: LatentVariableModel, z: Tensor) -> list[Array]:
    """Return what z (n, L) becomes: z, every hidden layer's activations, E[x|z]; (n, width) each.

    A hidden layer's activations are what comes after a layer with weights and before the next.
    """
    children = [*model.likelihood.decoder.children()]
    found, h = [z], z
    with model.evaluating():
        for child, after in pairwise(children):
            h = child(h)
            if not _has_weights(child) and _has_weights(after):
                found.append(h)
        found.append(model.likelihood(z).mean)
    return [layer.flatten(1).double().numpy() for layer in found]


def _has_weights(module: torch.nn.Module) -> bool:
    return next(module.parameters(), None) is not None


def distances(
    model: LatentVariableModel, pairs: tuple[Tensor, Array], images: list[Array], seed: int
) -> Distances:
    """Measure how far a decoder's layers are from normal, and linear maps of them from images.

    Arguments:
        model: The decoder's model.
        pairs: z (m, L) and the images (m, D) that they stand for.
        images: Other images, (n, D), for each of R repeats.
        seed: Seed of the prior's draws.
    """
    given, x = pairs
    rng = np.random.default_rng([seed, 3])
    fitted = zip(_under_prior(model, _FIT, seed), layers(model, given), strict=True)
    maps = [_Maps(drawn, layer, x, given.shape[1]) for drawn, layer in fitted]
    leading = whitening(x, _COMPONENTS)
    normal, data = [], []
    for number, part in enumerate(images):
        drawn = list(zip(maps, _under_prior(model, _DRAWS, seed, number), strict=True))
        reference = rng.normal(size=(_DRAWS, given.shape[1]))
        shown = leading.transform(part)
        normal.append([energy(each.whitened(layer), reference) for each, layer in drawn])
        data.append([energy(leading.transform(each.image(layer)), shown) for each, layer in drawn])
    return Distances(np.array(normal), np.array(data))


def images_from_normal(images: list[Array], x: Array, components: int) -> Array:
    """Return how far the images (n, D) of each repeat are from normal, as a layer is, (R,).

    Arguments:
        images: Images of each repeat.
        x: Other images, on which the whitening is fitted.
        components: How many leading components.
    """
    leading, rng = whitening(x, components), np.random.default_rng(0)
    pairs = [(leading.transform(part), rng.normal(size=(_DRAWS, components))) for part in images]
    return np.array([energy(*pair) for pair in pairs])


class _Maps:
    """What is fitted to one layer: its whitened leading components, and a linear map to images.

    Arguments:
        drawn: The layer under z ~ p(z), (n, width).
        given: The layer under z of the images, (m, width).
        x: The images, (m, D).
    """

    def __init__(self, drawn: Array, given: Array, x: Array, latents: int) -> None:
        self._scale = float(given.std())
        self._components = whitening(drawn, latents)
        self._image = Ridge(_RIDGE).fit(given / self._scale, x)

    def whitened(self, layer: Array) -> Array:
        """Return the leading components, (n, L)."""
        found: Array = self._components.transform(layer)
        return found

    def image(self, layer: Array) -> Array:
        """Return the images that the linear map makes, (n, D)."""
        found: Array = self._image.predict(layer / self._scale)
        return found


def _under_prior(model: LatentVariableModel, count: int, *key: int) -> list[Array]:
    with seeded(*key, 4):
        z = model.prior().sample(torch.Size([count]))
    return layers(model, z)
