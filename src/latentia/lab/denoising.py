"""Denoising: from salt-and-pepper digits to clean ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import ndimage
from scipy.special import xlogy
from sklearn.isotonic import IsotonicRegression

from latentia import picture
from latentia.corruption.salt_and_pepper import SaltAndPepper
from latentia.errors import UsageError
from latentia.figure import _style
from latentia.figure._grid import show
from latentia.lab._bench import Bench
from latentia.lab.base import Check, Experiment, Finding
from latentia.rng import seeded

__all__ = ["Denoising", "cross_entropy", "levelled", "squared_error"]

Array = npt.NDArray[Any]
Restore = Callable[[Array], Array]

# The preset tensorflow-mnist-vae-denoising without its noise, and the share of the bench's steps.
_MODEL: dict[str, Any] = {
    "n_components": 20,
    "binarize": "none",
    "likelihood": "bernoulli",
    "variational": {"name": "gaussian", "scale": "softplus"},
    "network": {"name": "mlp", "hidden": (500, 500), "activation": "elu,tanh", "dropout": 0.1},
    "settings": {"schedule": "constant"},
}
_SHARE = 0.5
_RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9)
_SIZES = (3, 5, 7)
# Training images on which rivals are fitted, and digits shown.
_FIT, _SHOWN = 500, 10
# No probability is nearer to 0 or 1: a sure mistake would cost infinitely many nats.
_SMALLEST = 1e-6
_OURS = "trained with noise"


class Rate(NamedTuple):
    """What every way of restoring leaves of the noise at one rate.

    Arguments:
        restored: The restored images by name, (n, H, W) in [0, 1].
        median: Side of the median filter that did best on training images, in pixels.
        plain: Squared errors by name before grey levels were mapped, (n,).
    """

    restored: dict[str, Array]
    median: int
    plain: dict[str, Array]


@final
class Denoising(Experiment):
    r"""Trained from noisy to clean, a VAE restores digits better than a filter or without noise.

    The model and the noise of the preset tensorflow-mnist-vae-denoising, on grey digits: a share
    `rate` of the pixels turns white or black. Restored is E[x|z] at the mean of q(z|noisy x).
    Its rivals are the noisy image itself, a median filter of 3, 5 or 7 pixels, whichever is best
    on training images, and the same network trained without noise. The grey levels of each rival
    are then mapped by the isotonic regression on the clean ones of training images at that rate;
    those of the model are not. Compared on the same test images with the same noise:

    .. math:: \sum_d (x_d - \hat x_d)^2, \quad
        -\sum_d x_d \log \hat x_d + (1 - x_d) \log (1 - \hat x_d)

    The verdict is on the rate that the model was trained for; the numbers tell of others.

    Arguments:
        n: Test images.
        rate: Probability that a pixel is damaged, while training and in the verdict.
        salt: Share of the damaged pixels that turn white.

    References:
        Vincent et al., "Extracting and composing robust features with denoising autoencoders",
        2008; hwalsuklee, tensorflow-mnist-VAE.

    Example:
        >>> Denoising(n=100).rate
        0.75
    """

    def __init__(self, *, n: int = 1000, rate: float = 0.75, salt: float = 0.6666667) -> None:
        if n < 2 or not 0 < rate <= 1 or not 0 <= salt <= 1:
            raise UsageError(
                f"There is no noise to compare on with n={n}, rate={rate}, salt={salt}.",
                where="--denoising.n, --denoising.rate, --denoising.salt",
                how="Use at least two images, a rate above 0 and a share of salt from 0 to 1.",
            )
        self.n, self.rate, self.salt = n, rate, salt

    def run(self, bench: Bench) -> Finding:
        """Restore test images at every rate, by every way."""
        noise = {"name": "salt-and-pepper", "rate": self.rate, "salt": self.salt}
        model = {**_MODEL, "max_epochs": bench.epochs(share=_SHARE)}
        ways: dict[str, Restore] = {
            _OURS: bench.model(**model, corruption=noise).reconstruct,
            "trained without noise": bench.model(**model).reconstruct,
            "noisy image": _grey,
        }
        clean, fit = bench.some(self.n), bench.train.x[:_FIT]
        x = _grey(clean.x)
        found = {
            rate: self._at(rate, clean.x, fit, ways, bench.seed)
            for rate in sorted({*_RATES, self.rate})
        }
        curves = {
            measure.__name__: {
                name: {r: float(measure(x, of.restored[name]).mean()) for r, of in found.items()}
                for name in found[self.rate].restored
            }
            for measure in (squared_error, cross_entropy)
        }
        here = found[self.rate]
        numbers = {
            "n": len(x),
            **curves,
            "squared_error_before_mapping": {
                name: float(error.mean()) for name, error in here.plain.items()
            },
            "median_size_by_rate": {rate: of.median for rate, of in found.items()},
            "rates_at_which_it_is_best": _won(curves["squared_error"]),
            "cross_entropy_of_the_clean_image_itself": float(cross_entropy(x, x).mean()),
        }
        shown = [int(np.flatnonzero(clean.y == c)[0]) for c in np.unique(clean.y)][:_SHOWN]
        noisy = _grey(self._damaged(clean.x, self.rate, bench.seed))
        images = {"clean": x, "noisy": noisy} | here.restored
        return Finding(_checks(x, here), numbers, {k: v[shown] for k, v in images.items()})

    def draw(self, finding: Finding) -> Figure:
        """Draw clean, noisy and restored digits, and the errors over the rates."""
        figure = _style.new_figure(5.9)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1.12, 1))
        top, bottom = halves
        _draw_images(top.subplots(), finding.picture)
        left, right = bottom.subplots(1, 2)
        for ax, measure in ((left, "squared_error"), (right, "cross_entropy")):
            for name, (colour, marker) in _LOOKS.items():
                curve = finding.numbers[measure][name]
                ax.plot([*curve], [*curve.values()], color=colour, marker=marker, ms=4, label=name)
            ax.axvline(self.rate, color=_style.INK, linewidth=0.8, linestyle="--")
            ax.set(xlabel="share of damaged pixels", xlim=(0, 1), ylim=(0, None))
            _style.bounded(ax)
        left.set_ylabel("squared error")
        right.set_ylabel("cross-entropy (nats)")
        right.annotate(
            "trained here", (self.rate, 0), (-4, 4), textcoords="offset points", ha="right"
        )
        bottom.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=2)
        return figure

    def _damaged(self, x: Array, rate: float, seed: int, *, key: int = 0) -> Array:
        """Return uint8 images with noise, the same for the same key."""
        with seeded(seed, 9, key):
            noisy = SaltAndPepper(rate=rate, salt=self.salt)(torch.from_numpy(_grey(x)))
        return np.round(255 * noisy.numpy()).astype(np.uint8)

    def _at(self, rate: float, x: Array, fit: Array, ways: dict[str, Restore], seed: int) -> Rate:
        """Restore test images at one rate; what a rival needs to know it learns from `fit`."""
        noisy, seen = self._damaged(x, rate, seed), self._damaged(fit, rate, seed, key=1)
        target = _grey(fit)
        sizes = {size: levelled(_median(seen, size), target) for size in _SIZES}
        left = {
            size: squared_error(target, level(_median(seen, size))).mean()
            for size, level in sizes.items()
        }
        best = min(left, key=lambda size: left[size])
        restored = {_OURS: ways[_OURS](noisy)}
        plain = {_OURS: squared_error(_grey(x), restored[_OURS])}
        ways = {**ways, "median filter": partial(_median, size=best)}
        for name, way in ways.items():
            if name != _OURS:
                image = way(noisy)
                plain[name] = squared_error(_grey(x), image)
                restored[name] = levelled(way(seen), target)(image)
        return Rate(restored, best, plain)


_LOOKS = {
    "noisy image": (_style.PALETTE[8], "D"),
    "median filter": (_style.PALETTE[2], "s"),
    "trained without noise": (_style.SECOND, "^"),
    _OURS: (_style.ACCENT, "o"),
}


def squared_error(x: Array, restored: Array) -> Array:
    """Return the sum of squared differences of images (n, H, W), (n,)."""
    total: Array = np.square(x - restored).sum((1, 2), dtype=np.float64)
    return total


def cross_entropy(x: Array, restored: Array) -> Array:
    """Return the cross-entropy of images (n, H, W) in [0, 1], in nats, (n,)."""
    p = np.clip(np.asarray(restored, dtype=np.float64), _SMALLEST, 1 - _SMALLEST)
    total: Array = -(xlogy(x, p) + xlogy(1 - x, 1 - p)).sum((1, 2))
    return total


def levelled(restored: Array, clean: Array) -> Restore:
    """Return the increasing map of grey levels that brings restored images nearest to clean ones.

    The nearest in squared error and in cross-entropy: both are least at the mean.
    """
    mapping = IsotonicRegression(out_of_bounds="clip").fit(restored.ravel(), clean.ravel())

    def level(image: Array) -> Array:
        mapped: Array = mapping.predict(image.ravel()).reshape(image.shape)
        return mapped

    return level


def _grey(x: Array) -> Array:
    return (x / 255).astype(np.float32)


def _median(x: Array, size: int) -> Array:
    return _grey(ndimage.median_filter(x, size=(1, size, size)))


def _won(curves: dict[str, dict[float, float]]) -> dict[str, list[float]]:
    """Return the rates at which the model's mean error is below each rival's."""
    ours = curves[_OURS]
    return {
        name: [rate for rate, error in curve.items() if ours[rate] < error]
        for name, curve in curves.items()
        if name != _OURS
    }


def _draw_images(ax: Axes, images: dict[str, Array]) -> None:
    """Draw one row for every way, named on its left."""
    names = ["clean", "noisy", *(name for name in _LOOKS if name != "noisy image")]
    rows = np.stack([images[name] for name in names])
    side = rows.shape[2]
    show(ax, picture.mosaic(np.clip(rows, 0, 1), gap=2, tone="gray_r"), "gray_r")
    tops, _ = picture.top_of_rows(len(rows), side, 2)
    ax.set_yticks([top + (side - 1) / 2 for top in tops], names)


def _checks(x: Array, here: Rate) -> tuple[Check, ...]:
    checks = []
    for measure, what, unit in (
        (squared_error, "squared error", ""),
        (cross_entropy, "cross-entropy", "nats"),
    ):
        ours = measure(x, here.restored[_OURS])
        for name, restored in here.restored.items():
            if name != _OURS:
                gap = measure(x, restored) - ours
                checks.append(
                    Check(
                        f"{what}, {name} minus {_OURS}",
                        *(float(gap.mean()), ">", 0.0),
                        error=float(gap.std(ddof=1) / len(gap) ** 0.5),
                        unit=unit,
                    )
                )
    return tuple(checks)
