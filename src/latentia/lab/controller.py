"""The controller: moving z along a direction changes one attribute of what is generated."""

from __future__ import annotations

from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from latentia.errors import UsageError
from latentia.figure import _style
from latentia.lab import _attributes
from latentia.lab._bench import Bench
from latentia.lab._controls import (
    Attribute,
    Control,
    Setting,
    Traversal,
    agreement,
    controlled,
    rises,
    shown_to_fit,
    traversed,
)
from latentia.lab.base import Check, Experiment, Finding, verdict

__all__ = ["Controller", "Study", "digits", "garments"]

Array = npt.NDArray[Any]

_L = 20
_GARMENTS = "fashion-mnist"
# "Mostly": for more than half of the images, and with less than half of the change elsewhere.
_HALF = 0.5
_SD = "standard deviations"


class Study(NamedTuple):
    """All that was done to the images of one data set.

    Arguments:
        name: What they show.
        controls: One for each attribute.
        traversal: The most used latent.
        accuracy: The classifier's share of right answers on test images.
    """

    name: str
    controls: list[Control]
    traversal: Traversal
    accuracy: float


@final
class Controller(Experiment):
    r"""z is a controller: along a direction shown by examples, one attribute changes step by step.

    .. math:: d = \frac{1}{|A|} \sum_{x \in A} \mu(x) - \frac{1}{|B|} \sum_{x \in B} \mu(x),
        \qquad x(a) = E[x \mid z = \mu(x) + a d], \quad -\tfrac{1}{2} \le a \le \tfrac{1}{2}

    Two groups of training images, those with most and those with least of an attribute, give the
    direction d. Test images move along it and are decoded, and the attribute is measured on the
    pixels; among the latents there is no formula of it. Digits: thickness, slant, and a cuteness
    (thick and wide) that a few examples show. Garments, where the set is on this machine:
    brightness and width. Random directions of the same length tell what any direction does; what
    the other attribute does tells whether one is changed alone; a classifier tells whether a five
    is still a five. The single latent with the largest KL is moved through its range too.

    Arguments:
        n: Test images.
        shown: Images in each of the two groups that show what is cute.
        steps: Steps of a path.
        randoms: Random directions to compare with.
        garments: Whether to repeat it on Fashion-MNIST if the set is on this machine.

    References:
        White, "Sampling generative networks" (attribute vectors), 2016.

    Example:
        >>> Controller(n=100).shown
        20
    """

    def __init__(
        self,
        *,
        n: int = 200,
        shown: int = 20,
        steps: int = 8,
        randoms: int = 5,
        garments: bool = True,
    ) -> None:
        if min(n, shown, steps, randoms) < 2:
            raise UsageError(
                f"Nothing is controlled with n={n}, shown={shown}, steps={steps}, "
                f"randoms={randoms}.",
                where="--controller.*",
                how="Use at least two of each.",
            )
        self.n, self.shown, self.steps, self.randoms = n, shown, steps, randoms
        self.garments = garments

    def run(self, bench: Bench) -> Finding:
        """Move test images along the directions and through the most used latent."""
        studies = [self._study("digits", bench, digits(shown_to_fit(bench), self.shown))]
        there = self.garments and bench.has(_GARMENTS)
        if there:
            # Half the steps: both models are to be trained within two minutes.
            other = bench.other(_GARMENTS, steps=max(1, bench.steps // 2))
            studies.append(self._study("garments", other, garments()))
        numbers = {"n": self.n, "shown": self.shown, "latents": _L, "garments_found": there}
        told = {study.name: _told(study) for study in studies}
        checks = tuple(check for study in studies for check in _checks(study))
        return Finding(checks, numbers | {"garments": None} | told, {"studies": studies})

    def draw(self, finding: Finding) -> Figure:
        """Draw one test image along every direction, and the mean change of the attribute."""
        studies: list[Study] = finding.picture["studies"]
        controls = [control for study in studies for control in study.controls]
        rows = [row for study in studies for row in _rows(study)]
        high = 0.55 * len(rows)
        figure = _style.new_figure(high + 2.4)
        halves: Any = figure.subfigures(2, 1, height_ratios=(high, 2.4))
        _pictures(halves[0], rows)
        _lines(halves[1], controls)
        return figure

    def _study(self, name: str, bench: Bench, attributes: list[Attribute]) -> Study:
        setting = Setting(bench, bench.model(n_components=_L), attributes, self.n)
        at = np.linspace(-0.5, 0.5, self.steps + 1)
        controls = [controlled(setting, each, at, self.randoms) for each in attributes]
        return Study(name, controls, traversed(setting, self.steps), setting.accuracy)


def digits(x: Array, shown: int) -> list[Attribute]:
    """Return the attributes of digits: thickness, slant, and a cuteness shown by examples.

    Arguments:
        x: Training images, (n, H, W) uint8, on which the parts of cuteness get their units.
        shown: Images in each of the groups that show it.
    """
    parts = (_attributes.thickness, _attributes.roundness)
    units = [(values.mean(), values.std()) for values in (part(x / 255.0) for part in parts)]

    def cuteness(images: Array) -> Array:
        """Thick and wide, in equal parts."""
        scores = [
            (part(images) - mean) / std for part, (mean, std) in zip(parts, units, strict=True)
        ]
        total: Array = scores[0] + scores[1]
        return total

    return [
        Attribute("thickness", _attributes.thickness, "slant"),
        Attribute("slant", _attributes.slant, "thickness"),
        Attribute("cuteness", cuteness, "slant", shown),
    ]


def garments() -> list[Attribute]:
    """Return the attributes of garments: how bright, and how wide for their height."""
    return [
        Attribute("brightness", _attributes.brightness, "width"),
        Attribute("width", _attributes.roundness, "brightness"),
    ]


def _checks(study: Study) -> list[Check]:
    """Return the checks of a study, each on the attribute that does worst."""
    name, moved = study.name, study.traversal
    steady = min(study.controls, key=lambda c: _share(c.rises)[0])
    weak = min(study.controls, key=lambda c: _beyond(c)[0])
    leaky = max(study.controls, key=lambda c: _leak(c)[0])
    changed = min(study.controls, key=lambda c: _share(c.kept)[0])
    found = {
        f"{name}: share of images whose {steady.attribute.name} rises at every step": (
            *(_share(steady.rises), ">", _HALF, ""),
        ),
        f"{name}: change of {weak.attribute.name} beyond that along random directions": (
            *(_beyond(weak), ">", 0.0, _SD),
        ),
        f"{name}: change of {leaky.attribute.stays} for each of {leaky.attribute.name}": (
            *(_leak(leaky), "<", _HALF, ""),
        ),
        f"{name}: share of images whose class stays as {changed.attribute.name} changes": (
            *(_share(changed.kept), ">", _HALF, ""),
        ),
        f"{name}: share in which latent {moved.latent + 1} alone, most used, "
        f"moves {moved.attribute} one way": (*(_share(rises(moved.values)), ">", _HALF, ""),),
    }
    return [
        Check(what, value, relation, bound, error, unit)  # type: ignore[arg-type]
        for what, ((value, error), relation, bound, unit) in found.items()
    ]


def _share(each: Array) -> tuple[float, float]:
    """Return the share of images of which something is true, and its standard error.

    The error is that of the share with one more of either kind, so that none of n is not certain.
    """
    n = len(each)
    smoothed = (float(each.sum()) + 1) / (n + 2)
    return float(each.mean()), (smoothed * (1 - smoothed) / n) ** 0.5


def _beyond(control: Control) -> tuple[float, float]:
    """Return the change beyond that along a random direction, and its standard error.

    Both images and random directions are samples.
    """
    each = control.change - control.random_change.mean(0)
    ways = control.random_change.mean(1)
    error = each.var(ddof=1) / len(each) + ways.var(ddof=1) / len(ways)
    return float(each.mean()), float(error) ** 0.5


def _leak(control: Control) -> tuple[float, float]:
    """Return the change of the other attribute over that of its own, and its standard error."""
    own, other = control.change, control.leak
    mean = max(float(own.mean()), 1e-9)
    ratio = float(other.mean()) / mean
    return ratio, float((other - ratio * own).std(ddof=1)) / mean / len(own) ** 0.5


def _told(study: Study) -> dict[str, Any]:
    """Return the numbers of a study that are written down."""
    moved = study.traversal
    return {c.attribute.name: _told_of(c) for c in study.controls} | {
        "verdict": verdict([check.verdict for check in _checks(study)]),
        "accuracy_of_classifier": study.accuracy,
        "latent": {
            "number": moved.latent + 1,
            "kl": moved.kl,
            "attribute": moved.attribute,
            "sign": moved.sign,
            "monotone": _share(rises(moved.values))[0],
            "kendall": float(agreement(moved.values).mean()),
            "change": float(np.mean(moved.values[:, -1] - moved.values[:, 0])),
        },
    }


def _told_of(control: Control) -> dict[str, Any]:
    ways = control.random
    return {
        "length": control.length,
        "monotone": _share(control.rises)[0],
        "kendall": float(agreement(control.own).mean()),
        "change": float(control.change.mean()),
        "random_change": float(control.random_change.mean()),
        # Either way: a random direction has no sign of its own.
        "random_monotone": float((rises(ways) | rises(-ways)).mean()),
        "stays": control.attribute.stays,
        "leak": _leak(control)[0],
        "class_kept": _share(control.kept)[0],
    }


def _typical(control: Control) -> int:
    """Return the image of median change, so that none is shown because it is the best."""
    return int(np.argsort(control.change, kind="stable")[len(control.change) // 2])


def _rows(study: Study) -> list[tuple[str, Array, str]]:
    """Return names and decodes (S, H, W) of one image each; ink is dark, bright fabric bright."""
    shade = "gray_r" if study.name == "digits" else "gray"
    rows = [(c.attribute.name, c.images[_typical(c)], shade) for c in study.controls]
    moved = study.traversal
    return [*rows, (f"latent {moved.latent + 1} alone", moved.images[0], shade)]


def _pictures(panel: Any, rows: list[tuple[str, Array, str]]) -> None:
    axes = panel.subplots(len(rows), 1, squeeze=False)[:, 0]
    for ax, (name, images, shade) in zip(axes, rows, strict=True):
        ax.imshow(np.hstack(list(images)), cmap=shade, vmin=0, vmax=1, aspect="equal")
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set_visible(False)


def _lines(panel: Any, controls: list[Control]) -> None:
    axes = panel.subplots(1, len(controls), sharey=True, squeeze=False)[0]
    for ax, control in zip(axes, controls, strict=True):
        at = np.linspace(-0.5, 0.5, control.own.shape[1])
        for each in control.random:
            gray = {"color": "#BBBBBB", "linewidth": 1, "label": "random directions, either way"}
            ax.plot(at, np.abs(_centred(each)).mean(0), **gray)
        stays = {"color": _style.SECOND, "label": "what should stay, either way"}
        ax.plot(at, np.abs(_centred(control.other)).mean(0), "--", **stays)
        ax.plot(at, _centred(control.own).mean(0), color=_style.ACCENT, label="the attribute")
        ax.set_title(control.attribute.name)
        ax.set_xticks([-0.5, 0, 0.5], ["−½", "0", "½"])
        _style.bounded(ax)
    axes[0].set_ylabel("change (std. dev.)")
    axes[len(axes) // 2].set_xlabel("a, the way along the direction")
    handles, labels = axes[0].get_legend_handles_labels()
    panel.legend(handles[-3:][::-1], labels[-3:][::-1], loc="outside upper center", ncols=3)


def _centred(values: Array) -> Array:
    """Return paths (n, S) as changes from their middle."""
    found: Array = values - values[:, values.shape[1] // 2, None]
    return found
