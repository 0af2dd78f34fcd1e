"""The learned manifold: what two latents say of a digit."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.metrics import silhouette_samples
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from latentia.errors import UsageError
from latentia.figure import _style
from latentia.figure.manifold import draw_manifold
from latentia.lab._bench import Bench
from latentia.lab._strokes import slant, thickness
from latentia.lab.base import Check, Experiment, Finding

__all__ = ["Manifold", "explained", "silhouette"]

Array = npt.NDArray[Any]

# Nearest neighbours in other folds.
_FOLDS, _NEIGHBOURS = 10, 20
# Images of the silhouette, which compares every pair, and groups of its jackknife.
_PAIRS, _GROUPS = 2000, 20
_ACROSS, _MARKS = 16, (-1.5, -0.5, 0, 0.5, 1.5)
# How far apart the names of two classes stand, as a share of the panel.
_ROOM = 0.1
# What is said of a quantity whose variance is explained by no more than half, is not most of it.
_MOST = 0.5


@final
class Manifold(Experiment):
    r"""Two latents hold most of what a digit is: its class, its thickness and its slant.

    The map is that of the posterior means of test images. Thickness and slant are measured on
    their pixels. What z explains of them is the share of the variance that 20 nearest
    neighbours in z predict, each image by those of other folds; within the classes, the share of
    what is left when every class has its own mean, by neighbours of the same class:

    .. math:: R^2 = 1 - \sum_i (y_i - \hat y_i)^2 / \sum_i (y_i - \bar y)^2

    Most is more than half. Labels are shuffled for comparison. The silhouette is above 0 where
    images lie nearer to their own class than to the nearest other one, on average. Two principal
    components of the pixels are such a map without a network; twenty of them say how much of a
    stroke neighbours can see at all.

    Arguments:
        n: Test images.

    References:
        Rousseeuw, "Silhouettes", 1987.

    Example:
        >>> Manifold(n=500).n
        500
    """

    def __init__(self, *, n: int = 5000) -> None:
        if n < 200:
            raise UsageError(
                f"Among {n} images there are too few neighbours of the same class.",
                where="--manifold.n",
                how="Use at least 200.",
            )
        self.n = n

    def run(self, bench: Bench) -> Finding:
        """Map test images, and predict labels and strokes from the map."""
        model = bench.model(n_components=2)
        x, y = bench.some(self.n)
        z = model.transform(x)
        grey = x / 255.0
        strokes = {"thickness": thickness(grey), "slant": slant(grey)}
        shuffled = np.random.default_rng([bench.seed, 8]).permutation(y)
        hits = {name: _hits(z, of) for name, of in (("z", y), ("shuffled", shuffled))}
        clumps = {name: silhouette(z, of) for name, of in (("z", y), ("shuffled", shuffled))}
        found = {name: _explained(z, y, of, bench.seed) for name, of in strokes.items()}
        flat = bench.train.x[:10_000].reshape(-1, grey[0].size) / 255.0
        components = PCA(20, random_state=bench.seed).fit(flat)
        wide = components.transform(grey.reshape(len(x), -1))
        linear = wide[:, :2]
        numbers = {
            "n": len(x),
            "knn_accuracy": float(hits["z"].mean()),
            "knn_accuracy_shuffled": float(hits["shuffled"].mean()),
            "largest_class": float(np.bincount(y).max() / len(y)),
            "knn_accuracy_by_class": {int(c): float(hits["z"][y == c].mean()) for c in set(y)},
            "silhouette": clumps["z"][0],
            "silhouette_shuffled": clumps["shuffled"][0],
            "explained": found,
            "thickness_mean_and_deviation_px": _two(strokes["thickness"]),
            "slant_mean_and_deviation": _two(strokes["slant"]),
            "components_20_explain": {
                name: explained(of, _predicted(wide, of, bench.seed), np.full(len(x), of.mean()))
                for name, of in strokes.items()
            },
            "principal_components": {
                "knn_accuracy": float(_hits(linear, y).mean()),
                "silhouette": silhouette(linear, y)[0],
                "explained": {
                    name: _explained(linear, y, of, bench.seed) for name, of in strokes.items()
                },
            },
        }
        picture = {"model": model, "x": grey, "z": z, "y": y, **strokes}
        return Finding(_checks(hits, clumps, found), numbers, picture)

    def draw(self, finding: Finding) -> Figure:
        """Draw decodes at the prior's quantiles, and the images' places coloured three ways."""
        found = finding.picture
        figure = _style.new_figure(6.6)
        panels: Any = figure.subplots(2, 2)
        (grid, classes), (thick, slanted) = panels
        draw_manifold(grid, found["model"], n=_ACROSS, span=(0.0, 1.0), cmap="gray_r")
        grid.set_title("decodes E[x|z]")
        _mark(grid, found["x"].shape[1:])
        share = norm.cdf(found["z"])
        _draw_classes(classes, share, found["y"])
        classes.set_title(f"class ({finding.numbers['knn_accuracy']:.0%} by neighbours)")
        for ax, name, unit in ((thick, "thickness", "px"), (slanted, "slant", "px per px")):
            low, high = np.quantile(found[name], (0.02, 0.98))
            drawn = ax.scatter(
                *share.T, c=found[name], s=3, cmap="viridis", vmin=low, vmax=high, linewidths=0
            )
            bar = figure.colorbar(drawn, ax=ax, location="bottom", shrink=0.8, aspect=30)
            bar.set_label(f"{name} ({unit})")
            r2 = finding.numbers["explained"][name]["all"]["r2"]
            ax.set_title(f"{name} (R² = {_style.number(r2, '.2f')})")
        for ax in (classes, thick, slanted):
            _mark(ax, (1, 1))
            ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        for ax in (grid, classes, thick, slanted):
            ax.set_xlabel("$z_1$ (prior std. dev.)")
        for ax in (grid, thick):
            ax.set_ylabel("$z_2$ (prior std. dev.)")
        return figure


def _draw_classes(ax: Axes, share: Array, y: Array) -> None:
    """Draw images in their classes' colours, and each class's name at its median."""
    for label in np.unique(y):
        here, colour = y == label, _style.PALETTE[label % len(_style.PALETTE)]
        ax.scatter(share[here, 0], share[here, 1], s=3, color=colour, linewidths=0)
    labels = np.unique(y)
    places = _apart(np.array([np.median(share[y == label], axis=0) for label in labels]))
    for label, place in zip(labels, places, strict=True):
        colour = _style.PALETTE[label % len(_style.PALETTE)]
        ax.annotate(
            str(label), place, ha="center", va="center", fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": colour, "lw": 1.6},
        )  # fmt: skip


def _apart(places: Array) -> Array:
    """Return places (n, 2) within the panel, moved until no two names cover each other."""
    places = np.clip(places, 0.05, 0.95)
    for _ in range(50):
        away = places[:, None] - places[None]
        distance = np.linalg.norm(away, axis=-1) + np.eye(len(places))
        push = np.clip(_ROOM - distance, 0, None)[..., None] * away / distance[..., None]
        places = np.clip(places + push.sum(1) / 2, 0.05, 0.95)
    return places


def _mark(ax: Axes, size: tuple[int, ...]) -> None:
    """Mark a panel, whose sides are the prior's probability, by the values of z."""
    names = [f"{z:g}".replace("-", "−") for z in _MARKS]
    if size == (1, 1):
        ax.set_xticks(norm.cdf(_MARKS), names)
        ax.set_yticks(norm.cdf(_MARKS), names)
        return
    height, width = (side * _ACROSS for side in size)
    ax.set_xticks(norm.cdf(_MARKS) * width - 0.5, names)
    ax.set_yticks((1 - norm.cdf(_MARKS)) * height - 0.5, names)


def silhouette(z: Array, y: Array) -> tuple[float, float]:
    """Return the mean silhouette of latents (n, 2) with labels (n,), and its standard error.

    The error is a jackknife's over groups of images: silhouettes share their classes.
    """
    z, y = z[:_PAIRS], y[:_PAIRS]
    group = np.arange(len(z)) % _GROUPS
    without = [silhouette_samples(z[group != g], y[group != g]).mean() for g in range(_GROUPS)]
    error = np.sqrt((_GROUPS - 1) * np.var(without))
    return float(silhouette_samples(z, y).mean()), float(error)


def explained(y: Array, guess: Array, trivial: Array) -> dict[str, float]:
    """Return R^2 of a guess over a trivial one, (n,) each, and its error by the delta method."""
    left, all_ = np.square(y - guess), np.square(y - trivial)
    ratio = left.sum() / all_.sum()
    error = (left - ratio * all_).std(ddof=1) * np.sqrt(len(y)) / all_.sum()
    return {"r2": float(1 - ratio), "error": float(error)}


def _explained(z: Array, y: Array, of: Array, seed: int) -> dict[str, dict[str, float]]:
    """Return what z explains of a quantity (n,): at all, within classes, and what labels do."""
    own, guess = np.empty(len(of)), np.empty(len(of))
    for label in np.unique(y):
        here = y == label
        own[here] = of[here].mean()
        guess[here] = _predicted(z[here], of[here], seed)
    mean = np.full(len(of), of.mean())
    chance = np.random.default_rng([seed, 8, 1]).permutation(of)
    return {
        "all": explained(of, _predicted(z, of, seed), mean),
        "within_classes": explained(of, guess, own),
        "by_the_label": explained(of, own, mean),
        "shuffled": explained(chance, _predicted(z, chance, seed), mean),
    }


def _predicted(z: Array, of: Array, seed: int) -> Array:
    folds = KFold(min(_FOLDS, len(of)), shuffle=True, random_state=seed)
    neighbours = min(_NEIGHBOURS, max(1, len(of) // 4))
    found: Array = cross_val_predict(KNeighborsRegressor(neighbours), z, of, cv=folds)
    return found


def _hits(z: Array, y: Array) -> Array:
    """Return for every image whether its neighbours in other folds name its class, (n,)."""
    folds = KFold(_FOLDS)  # images come in random order
    hits: Array = cross_val_predict(KNeighborsClassifier(_NEIGHBOURS), z, y, cv=folds) == y
    return hits


def _two(values: Array) -> list[float]:
    return [float(values.mean()), float(values.std(ddof=1))]


def _checks(
    hits: dict[str, Array],
    clumps: dict[str, tuple[float, float]],
    found: dict[str, dict[str, dict[str, float]]],
) -> tuple[Check, ...]:
    right, gain = hits["z"].astype(float), hits["z"].astype(float) - hits["shuffled"]
    (near, error), (chance, chance_error) = clumps["z"], clumps["shuffled"]
    root = len(right) ** 0.5
    classes = (
        Check(
            "share of images whose neighbours in z name their class",
            *(float(right.mean()), ">", _MOST),
            error=float(right.std(ddof=1) / root),
        ),
        Check(
            "the same beyond shuffled labels",
            *(float(gain.mean()), ">", 0.0),
            error=float(gain.std(ddof=1) / root),
        ),
        Check("silhouette of the classes", near, ">", 0.0, error=error),
        Check(
            "the same beyond shuffled labels",
            *(near - chance, ">", 0.0),
            error=float(np.hypot(error, chance_error)),
        ),
    )
    strokes = (
        check
        for name, of in found.items()
        for check in (
            Check(
                f"share of the variance of {name} that z explains",
                *(of["all"]["r2"], ">", _MOST),
                error=of["all"]["error"],
            ),
            Check(
                "the same within classes",
                *(of["within_classes"]["r2"], ">", 0.0),
                error=of["within_classes"]["error"],
            ),
        )
    )
    return (*classes, *strokes)
