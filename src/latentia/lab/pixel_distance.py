"""The shifted digit: distance in pixels is not distance in meaning."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from scipy import ndimage

from latentia.errors import UsageError
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab.base import Check, Experiment, Finding

__all__ = ["PixelDistance", "cut", "shifted"]

Array = npt.NDArray[Any]

_SIGMAS = (10.0, 3.0, 1.0, 0.5, 0.25, 0.1, 0.03)
_BLURS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)


@final
class PixelDistance(Experiment):
    r"""In pixels, a digit is nearer to itself with a piece missing than to itself shifted.

    .. math:: \log N(x; m, \sigma^2 I) = -\frac{\|x - m\|^2}{2 \sigma^2}
        - \frac{D}{2} \log 2 \pi \sigma^2

    so whichever is nearer explains x better, for every sigma: the order of two candidates flips
    for none. What sigma decides is by how many nats. To let the shifted digit count at all, sigma
    must be so small that hardly any sample of the prior comes near enough.

    Arguments:
        n: Test images.
        shift: Pixels to the right and down.
        piece: Share of the ink that is cut off.

    References:
        Doersch, "Tutorial on variational autoencoders", 2016, figure 3.

    Example:
        >>> PixelDistance(n=100).shift
        0.5
    """

    def __init__(self, *, n: int = 1000, shift: float = 0.5, piece: float = 0.1) -> None:
        if n < 2 or not 0 < piece < 1:
            raise UsageError(
                f"There is nothing to compare with n={n}, piece={piece}.",
                where="--pixel-distance.n, --pixel-distance.piece",
                how="Use at least two images, and a share between 0 and 1.",
            )
        self.n, self.shift, self.piece = n, shift, piece

    def run(self, bench: Bench) -> Finding:
        """Compare the squared errors of both over test images."""
        x = bench.some(self.n).x / 255.0
        bad, good = cut(x, self.piece), shifted(x, self.shift)
        gap = _squared(x, good) - _squared(x, bad)  # above 0: the wrong one is nearer
        nats = {sigma: float(gap.mean()) / (2 * sigma**2) for sigma in _SIGMAS}
        right = {s: float(np.mean(_right_after_blur(x, bad, good, s))) for s in _BLURS}
        share, n = float(np.mean(gap > 0)), len(x)
        checks = (
            Check(
                "share of images that are nearer to themselves with a piece missing",
                *(share, ">", 0.5),
                error=(share * (1 - share) / n) ** 0.5,
            ),
            Check(
                "how much better the wrong one explains x, at sigma = 1",
                *(nats[1.0], ">", 0.0),
                error=float(gap.std(ddof=1)) / (2 * n**0.5),
                unit="nats",
            ),
        )
        numbers = {
            "n": n,
            "share_wrong": share,
            "squared_error_cut": float(_squared(x, bad).mean()),
            "squared_error_shifted": float(_squared(x, good).mean()),
            "nats_by_sigma": nats,
            "sigmas_that_flip_the_order": sum(
                (value > 0) != (nats[1.0] > 0) for value in nats.values()
            ),
            "sigma_for_one_nat": float(np.sqrt(max(gap.mean(), 0) / 2)),
            "sigma_for_one_nat_to_the_shifted": float(np.sqrt(_squared(x, good).mean() / 2)),
            "share_right_by_blur": right,
            "blur_that_flips_the_order": _crossing(right),
        }
        return Finding(checks, numbers, {"x": x, "bad": bad, "good": good, "gap": gap})

    def draw(self, finding: Finding) -> Figure:
        """Draw an image with both candidates, the differences, and what a blur changes."""
        found = finding.picture
        figure = _style.new_figure(3.6)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1, 1.15))
        top, bottom = halves
        example = int(np.argsort(found["gap"])[len(found["gap"]) * 3 // 4])
        names = ("x", "a piece missing", f"shifted by {self.shift:g} px")
        for ax, name, key in zip(top.subplots(1, 3), names, ("x", "bad", "good"), strict=True):
            image = found[key][example]
            far = _squared(found["x"][example : example + 1], image[None])[0]
            ax.imshow(image, cmap="gray_r", vmin=0, vmax=1)
            ax.set_title(name if key == "x" else f"{name}\nsquared error {far:.1f}")
            ax.set_axis_off()
        left, right = bottom.subplots(1, 2)
        left.hist(found["gap"], bins=40, color=_style.ACCENT)
        left.axvline(0, color=_style.INK, linewidth=0.8)
        left.set_xlabel("squared error, shifted minus cut")
        left.set_ylabel("images")
        blur = finding.numbers["share_right_by_blur"]
        right.plot([*blur], [*blur.values()], "o-", color=_style.SECOND)
        right.axhline(0.5, color=_style.INK, linewidth=0.8)
        right.set(xlabel="blur before comparing (px)", ylabel="share nearer to shifted")
        right.set_ylim(0, 1)
        for ax in (left, right):
            _style.bounded(ax)
        return figure


def cut(x: Array, share: float) -> Array:
    """Return images (n, H, W) without the given share of their ink: a disk about a stroke's end.

    The end is the ink farthest from the centre of mass.
    """
    return np.stack([_cut(image, share) for image in x])


def shifted(x: Array, by: float) -> Array:
    """Return images (n, H, W) shifted to the right and down, by linear interpolation."""
    moved: Array = ndimage.shift(x, (0, by, by), order=1)
    return moved


def _cut(image: Array, share: float) -> Array:
    rows, columns = np.indices(image.shape)
    centre = ndimage.center_of_mass(image)
    away = np.hypot(rows - centre[0], columns - centre[1]) * (image > 0.5)
    end = np.unravel_index(away.argmax(), image.shape)
    distance = np.hypot(rows - end[0], columns - end[1])
    order = np.argsort(distance, axis=None, kind="stable")
    ink = np.cumsum(image.ravel()[order])
    radius = distance.ravel()[order][np.searchsorted(ink, share * ink[-1])]
    return np.where(distance <= radius, 0.0, image)


def _squared(x: Array, other: Array) -> Array:
    squared: Array = np.square(x - other).sum((1, 2))
    return squared


def _right_after_blur(x: Array, bad: Array, good: Array, blur: float) -> Array:
    soft, soft_bad, soft_good = (
        ndimage.gaussian_filter(part, (0, blur, blur)) for part in (x, bad, good)
    )
    return _squared(soft, soft_good) < _squared(soft, soft_bad)


def _crossing(share: dict[float, float]) -> float | None:
    """Return the smallest blur from which most images are nearer to the shifted one, or None."""
    return next((blur for blur, right in share.items() if right > 0.5), None)
