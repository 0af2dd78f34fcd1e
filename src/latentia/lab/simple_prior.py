"""The simple prior: what a normal becomes under a function, given and learned."""

from __future__ import annotations

from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from latentia.design import assemble
from latentia.errors import UsageError
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._layers import Distances, distances, images_from_normal, layers, whitening
from latentia.lab.base import Check, Experiment, Finding
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["SimplePrior", "checks", "ring"]

Array = npt.NDArray[Any]

# Training images on which the linear maps are fitted, and most test images of one repeat.
_FIT, _PART = 6000, 1000
# Draws of the normal that becomes a ring in one repeat.
_DRAWS = 1000
# A ring's radius varies by less than this share of its mean; a normal's by a half.
_RING = 0.1
# Points shown of every cloud.
_SHOWN = 800


@final
class SimplePrior(Experiment):
    r"""A normal becomes a ring by a simple g, and data by a decoder whose first layers do most.

    .. math:: g(z) = z / 10 + z / \|z\|

    is the example (where it is printed as z / (10 + ||z||), there is no ring). For a trained
    decoder, every layer's distribution under z ~ p(z) is measured twice by the energy distance.
    From normal: its leading principal components, as many as there are latents, each scaled to
    variance 1, against N(0, I); so no layer's width or scale counts. To the data: a linear map
    from the layer to images is fitted on (layer of z ~ q(z|x), x), and what it makes of the
    prior's samples is compared with test images, in the images' leading components, each scaled
    to variance 1; so the question is how far off the data would be if all that followed were
    linear. The same network before training, with the trained one's pairs (z, x), tells what any
    layers do.

    Arguments:
        latents: Latents of the model.
        repeats: Independent draws of the prior, each against its own part of the test images.

    References:
        Doersch, "Tutorial on variational autoencoders", 2016, section 2 and figure 2.

    Example:
        >>> ring(np.array([[3.0, 4.0]])).round(6).tolist()
        [[0.9, 1.2]]
    """

    def __init__(self, *, latents: int = 2, repeats: int = 10) -> None:
        if latents < 2 or repeats < 2:
            raise UsageError(
                f"There is nothing to compare with latents={latents}, repeats={repeats}.",
                where="--simple-prior.latents, --simple-prior.repeats",
                how="Use at least two of each.",
            )
        self.latents, self.repeats = latents, repeats

    def run(self, bench: Bench) -> Finding:
        """Measure the ring, and the layers of a decoder with and without training."""
        vae = bench.model(n_components=self.latents)
        normal = np.random.default_rng([bench.seed, 2]).normal(size=(self.repeats, _DRAWS, 2))
        spread = np.array([_spread(ring(z)) for z in normal])
        fresh = assemble(vae.config_.model, seed=bench.seed + 1)
        pairs = _pairs(vae.model_, bench)
        test = _flat(bench.some(self.repeats * _PART, key=1).x)
        parts = np.array_split(test, self.repeats)
        trained = distances(vae.model_, pairs, parts, bench.seed)
        untrained = distances(fresh, pairs, parts, bench.seed)
        found = {"trained": trained, "untrained": untrained}
        numbers = {
            "latents": self.latents,
            "ring": {"mean_radius": float(np.linalg.norm(ring(normal[0]), axis=1).mean())},
            "spread_of_the_ring": _summary(spread),
            "spread_of_the_misprint": _summary(np.array([_spread(_misprint(z)) for z in normal])),
            "spread_of_the_normal": _summary(np.array([_spread(z) for z in normal])),
            "layers": _names(trained.normal.shape[1]),
            "from_normal": {name: _columns(each.normal) for name, each in found.items()},
            "images_from_normal": _summary(images_from_normal(parts, pairs[1], self.latents)),
            "to_data": {name: _columns(each.data) for name, each in found.items()},
            "share_of_the_way": _columns(_way(trained.data)),
        }
        picture = {
            "z": normal[0][:_SHOWN],
            **found,
            "clouds": _clouds(vae.model_, test[:_SHOWN], bench.seed),
        }
        return Finding(checks(spread, trained, untrained), numbers, picture)

    def draw(self, finding: Finding) -> Figure:
        """Draw the ring, the layers' leading components, and both distances layer by layer."""
        found = finding.picture
        figure = _style.new_figure(4.0)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1.25, 1))
        top, bottom = halves
        before, after, way = top.subplots(1, 3, width_ratios=(1, 1, 1.7))
        angle = np.arctan2(*found["z"].T[::-1])
        _draw_cloud(before, "z ~ N(0, I)", found["z"], angle)
        _draw_cloud(after, "g(z) = z/10 + z/||z||", ring(found["z"]), angle)
        _draw_way(way, finding.numbers["layers"], found)
        names = [*finding.numbers["layers"], "images"]
        each = [*found["trained"].normal.mean(0), finding.numbers["images_from_normal"]["mean"]]
        columns = zip(bottom.subplots(1, len(names)), names, each, found["clouds"], strict=True)
        for ax, name, far, cloud in columns:
            _draw_cloud(ax, f"{name}\n{_style.number(far, '.3f')} from normal", *cloud)
        return figure


def ring(z: Array) -> Array:
    """Return g(z) = z / 10 + z / ||z|| of z (..., d)."""
    found: Array = z / 10 + z / np.linalg.norm(z, axis=-1, keepdims=True)
    return found


def _misprint(z: Array) -> Array:
    found: Array = z / (10 + np.linalg.norm(z, axis=-1, keepdims=True))
    return found


def checks(spread: Array, trained: Distances, untrained: Distances) -> tuple[Check, ...]:
    """Return what must hold of R repeats: the ring is one, and the first layers do the same.

    Arguments:
        spread: Standard deviation of the ring's radius over its mean, (R,).
        trained: Distances of the trained decoder.
        untrained: Distances of the same network before training.
    """
    normal, data = trained.normal, trained.data
    return (
        _check("g(z): spread of the radius over its mean", spread, "<", _RING),
        _check(
            "last hidden layer's distance from normal minus that of z",
            normal[:, -2] - normal[:, 0],
        ),
        _check("the same minus that before training", normal[:, -2] - untrained.normal[:, -2]),
        _check(
            "first hidden layer's share of the way from z to the images",
            _way(data)[:, 1],
            ">",
            0.5,
        ),
        _check(
            "first hidden layer, distance to images: before minus after training",
            untrained.data[:, 1] - data[:, 1],
        ),
        _check("distance to images: first hidden layer minus last", data[:, 1] - data[:, -2]),
    )


def _check(what: str, each: Array, relation: Literal["<", ">"] = ">", bound: float = 0.0) -> Check:
    summary = _summary(each)
    return Check(what, summary["mean"], relation, bound, summary["standard_error"])


def _pairs(model: LatentVariableModel, bench: Bench) -> tuple[Tensor, Array]:
    """Return z ~ q(z|x) of training images, (n, L), and the images, (n, D)."""
    x = bench.train.x[:_FIT]
    with torch.no_grad(), model.evaluating(), seeded(bench.seed, 5):
        z = model.posterior(bench.draw(x, key=2)).sample()
    return z, _flat(x)


def _flat(x: Array) -> Array:
    found: Array = x.reshape(len(x), -1) / 255.0
    return found


def _spread(points: Array) -> float:
    radius = np.linalg.norm(points, axis=1)
    return float(radius.std() / radius.mean())


def _way(data: Array) -> Array:
    """Return how much of the way from z's distance to the output's each layer has made."""
    share: Array = (data[:, :1] - data) / (data[:, :1] - data[:, -1:])
    return share


def _names(count: int) -> list[str]:
    return ["z", *(f"layer {i}" for i in range(1, count - 1)), "output"]


def _summary(each: Array) -> dict[str, float]:
    return {"mean": float(each.mean()), "standard_error": _standard_error(each)}


def _standard_error(each: Array) -> float:
    return float(each.std(ddof=1) / len(each) ** 0.5)


def _columns(each: Array) -> dict[str, dict[str, float]]:
    """Return the mean and standard error of every layer, (R, layers)."""
    return dict(zip(_names(each.shape[1]), map(_summary, each.T), strict=True))


def _clouds(model: LatentVariableModel, images: Array, seed: int) -> list[tuple[Array, Array]]:
    """Return two leading components of every layer and of images, with the angle of each z."""
    with seeded(seed, 6):
        z = model.prior().sample(torch.Size([_SHOWN]))
    angle = np.arctan2(z[:, 1].numpy(), z[:, 0].numpy())
    shown = [(whitening(layer, 2).transform(layer), angle) for layer in layers(model, z)]
    return [*shown, (whitening(images, 2).transform(images), np.full(len(images), np.nan))]


def _draw_cloud(ax: Axes, name: str, points: Array, angle: Array) -> None:
    """Draw points coloured by the angle of the z that they come from; grey where there is none."""
    # Darkened, for the palest of the circle's colours would be lost on paper.
    circle = 0.8 * colormaps["twilight"](angle / (2 * np.pi) + 0.5)[:, :3]
    colour = circle if np.isfinite(angle).all() else "#888888"
    ax.scatter(points[:, 0], points[:, 1], s=2, linewidths=0, c=colour)
    ax.set_title(name, fontsize=9)
    reach = 1.05 * float(np.abs(points).max())
    ax.set(xticks=[], yticks=[], aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach))


def _draw_way(ax: Axes, names: list[str], found: dict[str, Any]) -> None:
    """Draw the mean distance of every layer to the images, with two standard errors."""
    looks = (("trained", _style.ACCENT, "o"), ("untrained", _style.SECOND, "^"))
    for name, colour, marker in looks:
        data = found[name].data
        error = 2 * data.std(0, ddof=1) / len(data) ** 0.5
        ax.errorbar(
            range(len(names)), data.mean(0), error, color=colour, marker=marker, label=name
        )
    ax.set_xticks(range(len(names)), names)
    ax.set_ylabel("energy distance to images")
    ax.set_ylim(0, None)
    ax.legend(loc="upper right")
    _style.bounded(ax)
