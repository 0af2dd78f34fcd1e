"""Directions of z that change an attribute, and what else changes along them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from latentia.lab._bench import Bench

__all__ = ["Attribute", "Control", "Setting", "Traversal", "controlled", "traversed"]

Array = npt.NDArray[Any]

# Training images on which directions are found and the classifier learns.
_FIT = 4000
# The groups that show an attribute: the tenth with most of it and the tenth with least.
_TENTH = 0.1
# How far a single latent goes either way, in standard deviations of the prior.
_REACH = 2.0


class Attribute(NamedTuple):
    """What is to be controlled.

    Arguments:
        name: Its name.
        measure: Images (n, H, W) in [0, 1] to its values, (n,).
        stays: The name of the attribute that should stay as it is.
        shown: Images of either group that are shown; 0 is all of the tenth.
    """

    name: str
    measure: Callable[[Array], Array]
    stays: str
    shown: int = 0


class Control(NamedTuple):
    """What happened to n test images that were moved along an attribute's direction.

    Arguments:
        attribute: The attribute.
        length: Length of the direction, in standard deviations of the prior.
        images: The decodes, (n, S, H, W).
        own: The attribute of them, in standard deviations within a class, (n, S).
        other: The attribute that should stay, likewise.
        random: The attribute along R random directions of the same length, (R, n, S).
        kept: Whether each image stayed in its class all along, (n,).
    """

    attribute: Attribute
    length: float
    images: Array
    own: Array
    other: Array
    random: Array
    kept: Array

    @property
    def rises(self) -> Array:
        """Whether the attribute rises at every step, (n,)."""
        return rises(self.own)

    @property
    def change(self) -> Array:
        """How much it changed from end to end, (n,)."""
        return ends(self.own)

    @property
    def leak(self) -> Array:
        """How much the attribute that should stay changed, either way, (n,)."""
        return np.abs(ends(self.other))

    @property
    def random_change(self) -> Array:
        """How much it changed, either way, along random directions, (R, n)."""
        return np.abs(ends(self.random))


class Traversal(NamedTuple):
    """What happened to n test images whose most used latent went through its range.

    Arguments:
        latent: Its index, from 0.
        kl: Its mean KL on training images, in nats.
        attribute: The name of the attribute that it changes most steadily on training images.
        sign: Whether that rises (1) or falls (-1) with the latent on training images.
        images: The decodes, (n, S, H, W).
        values: The attribute times the sign, in standard deviations within a class, (n, S).
    """

    latent: int
    kl: float
    attribute: str
    sign: int
    images: Array
    values: Array


@dataclass
class Setting:
    """A model with the images on which it is studied.

    Arguments:
        bench: Data and seed.
        model: What encodes and decodes.
        attributes: What is to be controlled.
        n: Test images.
    """

    bench: Bench
    model: Any
    attributes: Sequence[Attribute]
    n: int

    @cached_property
    def fitting(self) -> Array:
        """Training images, uint8."""
        return shown_to_fit(self.bench)

    @cached_property
    def labels(self) -> Array:
        """Their classes."""
        found: Array = self.bench.train.y[fitting_rows(self.bench)]
        return found

    @cached_property
    def codes(self) -> Array:
        """Their posterior means."""
        return np.asarray(self.model.transform(self.fitting))

    @cached_property
    def values(self) -> dict[str, Array]:
        """Their attributes, by name."""
        x = self.fitting / 255.0
        return {each.name: each.measure(x) for each in self.attributes}

    @cached_property
    def test_codes(self) -> Array:
        """The posterior means of the test images."""
        return np.asarray(self.model.transform(self.bench.some(self.n).x))

    @cached_property
    def classify(self) -> Callable[[Array], Array]:
        """A classifier of images in [0, 1] that learned from the same training images."""
        flat = self.fitting.reshape(len(self.fitting), -1) / 255.0
        learned = make_pipeline(PCA(50, random_state=0), SVC(C=10.0))
        learned.fit(flat, self.labels)
        return lambda x: np.asarray(learned.predict(x.reshape(len(x), -1)))

    @cached_property
    def accuracy(self) -> float:
        """Its share of right answers on the test images."""
        part = self.bench.some(self.n)
        return float((self.classify(part.x / 255.0) == part.y).mean())

    def decode(self, z: Array) -> Array:
        """Return E[x|z] of z (..., L), (..., H, W)."""
        x = np.asarray(self.model.inverse_transform(z.reshape(-1, z.shape[-1])))
        return x.reshape(*z.shape[:-1], *self.fitting.shape[1:])

    def measured(self, name: str, images: Array) -> Array:
        """Return an attribute of images (..., H, W) in standard deviations within a class."""
        each = next(each for each in self.attributes if each.name == name)
        values = each.measure(images.reshape(-1, *images.shape[-2:]))
        found: Array = values.reshape(images.shape[:-2]) / self.spread(name)
        return found

    def spread(self, name: str) -> float:
        """Return the standard deviation of an attribute within a class, over training images."""
        values, y = self.values[name], self.labels
        within = [np.square(values[y == k] - values[y == k].mean()).sum() for k in np.unique(y)]
        return float(np.sqrt(sum(within) / len(y)))

    def direction(self, attribute: Attribute, rng: np.random.Generator) -> Array:
        """Return the difference of the mean codes of images with most and with least of it.

        Either group has the same share of every class, or the direction would be that from
        narrow classes to wide ones.
        """
        y, values = self.labels, self.values[attribute.name]
        most, least = [], []
        for label in np.unique(y):
            rows = np.flatnonzero(y == label)
            order = rows[np.argsort(values[rows], kind="stable")]
            tenth = max(1, round(_TENTH * len(order)))
            most.append(order[-tenth:])
            least.append(order[:tenth])
        groups = [np.concatenate(most), np.concatenate(least)]
        if attribute.shown:
            groups = [rng.permutation(group)[: attribute.shown] for group in groups]
        found: Array = self.codes[groups[0]].mean(0) - self.codes[groups[1]].mean(0)
        return found


def controlled(setting: Setting, attribute: Attribute, at: Array, randoms: int) -> Control:
    """Move the test images along an attribute's direction, and along random ones.

    Arguments:
        setting: Model and images.
        attribute: One of its attributes.
        at: How far along, in lengths of the direction, (S,).
        randoms: R, how many random directions.
    """
    rng = np.random.default_rng([setting.bench.seed, 2])
    d = setting.direction(attribute, rng)
    length = float(np.linalg.norm(d))
    others = rng.normal(size=(randoms, len(d)))
    others *= length / np.linalg.norm(others, axis=1, keepdims=True)
    start = setting.test_codes[:, None]

    def along(way: Array) -> Array:
        return setting.decode(start + at[:, None] * way)

    images = along(d)
    classes = setting.classify(images.reshape(-1, *images.shape[2:])).reshape(images.shape[:2])
    before = setting.classify(setting.decode(setting.test_codes))
    return Control(
        attribute=attribute,
        length=length,
        images=images,
        own=setting.measured(attribute.name, images),
        other=setting.measured(attribute.stays, images),
        random=np.stack([setting.measured(attribute.name, along(way)) for way in others]),
        kept=(classes == before[:, None]).all(1),
    )


def traversed(setting: Setting, steps: int) -> Traversal:
    """Move the latent with the largest KL through its range, the others as in each test image."""
    train = setting.fitting[: setting.n]
    kl = setting.model.elbo(train).kl_per_dim.mean(0)
    latent = int(kl.argmax())
    at = np.linspace(-_REACH, _REACH, steps + 1)

    def through(codes: Array) -> Array:
        z = np.repeat(codes[:, None], len(at), axis=1)
        z[:, :, latent] = at
        return setting.decode(z)

    seen = through(setting.codes[: setting.n])
    steady = {
        each.name: float(agreement(setting.measured(each.name, seen)).mean())
        for each in setting.attributes
    }
    name = max(steady, key=lambda key: abs(steady[key]))
    sign = 1 if steady[name] > 0 else -1
    images = through(setting.test_codes)
    values = sign * setting.measured(name, images)
    return Traversal(latent, float(kl[latent]), name, sign, images, values)


def rises(values: Array) -> Array:
    """Return whether paths (..., S) rise at every step, (...)."""
    return np.asarray((np.diff(values) > 0).all(-1))


def ends(values: Array) -> Array:
    """Return the last value of paths (..., S) minus the first, (...)."""
    found: Array = values[..., -1] - values[..., 0]
    return found


def agreement(values: Array) -> Array:
    """Return Kendall's tau of paths (n, S) with the order of their steps, (n,).

    1 where every step rises, -1 where every step falls, 0 where nothing changes.
    """
    order = np.arange(values.shape[1])
    found: Array = np.nan_to_num([stats.kendalltau(order, path).statistic for path in values])
    return found


def fitting_rows(bench: Bench) -> Array:
    """Return the rows of the training images on which directions are found."""
    return np.random.default_rng([bench.seed, 3]).permutation(len(bench.train.x))[:_FIT]


def shown_to_fit(bench: Bench) -> Array:
    """Return these images, (n, H, W) uint8."""
    found: Array = bench.train.x[fitting_rows(bench)]
    return found
