"""The same network with and without a prior: where the latents lie, and whether they stay."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import ceil
from typing import Any, Literal, NamedTuple, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from latentia import picture
from latentia.errors import UsageError
from latentia.estimator.base import Estimator
from latentia.figure import _style
from latentia.figure._grid import show
from latentia.lab._bench import Bench, Part
from latentia.lab._classifier import classifier, scores
from latentia.lab._latents import (
    displacement,
    jeffreys,
    kl_to_prior,
    mean_over_pairs,
    mean_over_seeds,
    mmd_to_prior,
    mmd_under_prior,
    unmatched,
)
from latentia.lab.base import Check, Experiment, Finding
from latentia.rng import seeded

__all__ = ["AeVsVae", "Seen"]

Array = npt.NDArray[Any]
Kind = Literal["VAE", "AutoEncoder"]

_KINDS: tuple[Kind, Kind] = ("AutoEncoder", "VAE")
# Training images, the network's layers, and the share of the bench's steps of each training.
_TRAIN, _HIDDEN, _SHARE = 10_000, (128, 128), 0.2
# How often the latents are looked at, and how many draws of N(0, I) are decoded.
_LOOKS, _DRAWS, _SHOWN = 12, 1000, 12
_LATENTS = 2
_NAMES: dict[Kind, str] = {"AutoEncoder": "autoencoder", "VAE": "VAE"}
_MAPS = 3


class Seen(NamedTuple):
    """What is seen of a model after an epoch.

    Arguments:
        epoch: Which.
        latents: One draw of q(z|x) for each test image, (n, 2).
        means: The means of q(z|x), (n, 2).
        p: The classifier's probabilities for decoded draws of N(0, I), (m, C).
        decoded: A few of these decodes, (k, H, W).
        fitted: As p, for draws of the normal distribution fitted to the latents.
    """

    epoch: int
    latents: Array
    means: Array
    p: Array
    decoded: Array
    fitted: Array


@final
class AeVsVae(Experiment):
    r"""Without a prior, latents lie anywhere and keep moving; with it, they follow N(0, I).

    One network of two latents, trained from several seeds as an autoencoder and as a VAE, with a
    constant learning rate, on the same images. After epochs evenly spaced over the training:

    the distance of the test images' latents from N(0, I), as squared MMD by a Gaussian kernel of
    bandwidth 1, and as the KL of a normal distribution fitted to them; how far the region of the
    latents moved (the KL, both ways, between fitted normals) and the place of each image in it
    (its displacement in units of the spread; between trainings, what no shift, turn and scale
    makes the same); and what a classifier of the real digits says of decoded draws of N(0, I).

    The prior fixes the region, not the places in it: N(0, I) turned is N(0, I). So the checks ask
    for both, and an autoencoder's own fitted normal is sampled too, which the numbers keep.

    Errors are those of the mean over seeds, widened to two standard errors of Student's t.

    Arguments:
        seeds: Trainings of each kind.
        n: Test images.

    Example:
        >>> AeVsVae(seeds=3).seeds
        3
    """

    def __init__(self, *, seeds: int = 8, n: int = 1000) -> None:
        if seeds < 3 or n < 50:
            raise UsageError(
                f"There is no error of a mean over {seeds} trainings and {n} images.",
                where="--ae-vs-vae.seeds, --ae-vs-vae.n",
                how="Use at least three trainings and fifty images.",
            )
        self.seeds, self.n = seeds, n

    def run(self, bench: Bench) -> Finding:
        """Train both kinds from every seed, and compare."""
        test, train = bench.some(self.n), Part(bench.train.x[:_TRAIN], bench.train.y[:_TRAIN])
        judge = classifier(train, bench.seed)
        seen: dict[Kind, list[list[Seen]]] = {
            kind: [_watched(bench, kind, seed, test, judge) for seed in range(self.seeds)]
            for kind in _KINDS
        }
        measured = {kind: _measured(runs) for kind, runs in seen.items()}
        rng = np.random.default_rng([bench.seed, 7])
        null = mmd_under_prior(len(test.x), _LATENTS, rng)
        flat = test.x.reshape(len(test.x), -1) / 255.0
        numbers = {
            "seeds": self.seeds,
            "n": len(test.x),
            "epochs": [look.epoch for look in seen["VAE"][0]],
            "mmd_of_the_prior_itself_95": float(np.quantile(null, 0.95)),
            "classifier_accuracy": float(judge.score(flat, test.y)),
            "scores_of_test_images": scores(judge.predict_proba(flat)),
        } | measured
        return Finding(_checks(measured), numbers, {"seen": seen, "y": test.y})

    def draw(self, finding: Finding) -> Figure:
        """Draw the maps of all trainings, decoded draws, and both distances over the epochs."""
        found = finding.picture
        seen, runs = found["seen"], min(_MAPS, self.seeds)
        figure = _style.new_figure(6.2)
        halves: Any = figure.subfigures(2, 1, height_ratios=(1.6, 1))
        top, bottom = halves
        maps = top.subplots(2, runs + 1, squeeze=False)
        for row, kind in zip(maps, _KINDS, strict=True):
            reach = max(np.quantile(np.abs(run[-1].latents), 0.995) for run in seen[kind])
            for number, (ax, run) in enumerate(zip(row[:-1], seen[kind], strict=False), 1):
                _draw_map(ax, run[-1].latents, found["y"], max(float(reach), 3.2))
                if kind == _KINDS[0]:
                    ax.set_title(f"training {number}")
            row[0].set_ylabel(_NAMES[kind])
            decoded = seen[kind][0][-1].decoded
            image = picture.mosaic(decoded.reshape(4, 3, *decoded.shape[1:]), gap=1, tone="gray_r")
            show(row[-1], image, "gray_r")
        maps[0, -1].set_title("N(0, I) decoded")
        _draw_curves(bottom.subplots(1, 3), finding)
        return figure


def _draw_map(ax: Axes, z: Array, y: Array, reach: float) -> None:
    """Draw latents in their classes' colours, with the disc that holds 99% of N(0, I)."""
    colours = np.array(_style.PALETTE)[y % len(_style.PALETTE)]
    ax.scatter(z[:, 0], z[:, 1], s=2, c=colours, linewidths=0)
    ax.add_patch(Circle((0, 0), 3, fill=False, edgecolor=_style.INK, linewidth=1.2))
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.tick_params(labelsize=8, length=2)


def _draw_curves(panels: Any, finding: Finding) -> None:
    """Draw distance, drift and scores."""
    near, drift, judged = panels
    numbers = finding.numbers
    epochs = numbers["epochs"]
    lines = zip(_KINDS, (_style.SECOND, _style.ACCENT), ("o", "s"), strict=True)
    for offset, (kind, colour, marker) in enumerate(lines):
        of = numbers[kind]
        look: Any = {"color": colour, "marker": marker, "markersize": 4}
        near.plot(epochs, np.mean(of["mmd"], axis=0), label=_NAMES[kind], **look)
        drift.plot(epochs[1:], np.mean(of["place_between_epochs"], axis=0), **look)
        value = [each["information"] for each in of["scores"]]
        place = offset + np.linspace(-0.15, 0.15, len(value))
        judged.plot(place, value, color=colour, marker=marker, markersize=4, ls="none")
    line: Any = {"color": _style.INK, "ls": "--", "lw": 0.8}
    near.axhline(numbers["mmd_of_the_prior_itself_95"], label="N(0, I) itself", **line)
    near.set(yscale="log", xlabel="epoch", ylabel="MMD² from N(0, I)")
    near.legend(fontsize=8, handlelength=1)
    drift.set(xlabel="epoch", ylabel="displacement / spread", ylim=(0, None))
    real = numbers["scores_of_test_images"]["information"]
    judged.axhline(real, **line)
    judged.annotate("test images", (0.5, real), (0, 2), textcoords="offset points", ha="center")
    judged.set(ylabel="class information (nats)", xlim=(-0.5, 1.5), ylim=(0, 2.45))
    judged.set_xticks([0, 1], ["AE", "VAE"])
    for ax in panels:
        _style.bounded(ax)


def _watched(bench: Bench, kind: Kind, seed: int, test: Part, judge: Any) -> list[Seen]:
    """Train a model and look at it a dozen times on the way."""
    epochs = bench.epochs(_TRAIN, _SHARE)
    every = ceil(epochs / _LOOKS)
    draws = np.random.default_rng([bench.seed, 7, 1]).standard_normal((_DRAWS, _LATENTS))

    def look(model: Estimator) -> Seen | None:
        epoch = model.history_[0]["epoch"]
        if (epochs - epoch) % every:
            return None
        with seeded(bench.seed, 7, 2), torch.no_grad():
            q = model.posterior(test.x)
            latents, means = q.sample().double().numpy(), q.mean.double().numpy()
        decoded = model.inverse_transform(draws)
        fit = latents.mean(0) + draws @ np.linalg.cholesky(np.cov(latents.T)).T
        p, fitted = (
            judge.predict_proba(part.reshape(len(part), -1))
            for part in (decoded, model.inverse_transform(fit))
        )
        return Seen(epoch, latents, means, p, decoded[:_SHOWN], fitted)

    seen = bench.watch(
        look,
        kind,
        _TRAIN,
        n_components=_LATENTS,
        max_epochs=epochs,
        network={"hidden": _HIDDEN},
        settings={"schedule": "constant"},
        random_state=bench.seed + seed,
    )
    return [each for each in seen if each is not None]


def _measured(runs: list[list[Seen]]) -> dict[str, Any]:
    """Return the distances, drifts and scores of trainings (seeds) with looks (epochs) each."""
    last = [run[-1] for run in runs]
    pairs = list(combinations(range(len(runs)), 2))
    steps = [list(pairwise(run)) for run in runs]

    def between(measure: Any, name: str) -> list[list[float]]:
        return [[measure(getattr(a, name), getattr(b, name)) for a, b in run] for run in steps]

    def trainings(measure: Any, name: str) -> list[float]:
        return [measure(getattr(last[a], name), getattr(last[b], name)) for a, b in pairs]

    return {
        "mmd": [[mmd_to_prior(look.latents) for look in run] for run in runs],
        "kl": [[kl_to_prior(look.latents) for look in run] for run in runs],
        "spread": [float(np.sqrt(look.latents.var(0).mean())) for look in last],
        "region_between_epochs": between(jeffreys, "latents"),
        "place_between_epochs": between(displacement, "means"),
        "unmatched_between_epochs": between(unmatched, "means"),
        "region_between_trainings": trainings(jeffreys, "latents"),
        "place_between_trainings": trainings(displacement, "means"),
        "unmatched_between_trainings": trainings(unmatched, "means"),
        "scores": [scores(look.p) for look in last],
        "scores_of_fitted_normal": [scores(look.fitted) for look in last],
    }


def _checks(of: dict[Kind, dict[str, Any]]) -> tuple[Check, ...]:
    """Return the checks: differences between the kinds, paired by seed."""

    def last(name: str) -> Array:
        return np.array([[run[-1] for run in of[kind][name]] for kind in _KINDS])

    def second_half(name: str) -> Array:
        return np.array(
            [[np.mean(run[len(run) // 2 :]) for run in of[kind][name]] for kind in _KINDS]
        )

    def pairs(name: str) -> Array:
        return np.array([of[kind][name] for kind in _KINDS])

    informed = np.array([[s["information"] for s in of[kind]["scores"]] for kind in _KINDS])
    more = "AE minus VAE"
    found = {
        f"squared MMD of the latents from N(0, I), {more}": (last("mmd"), "", mean_over_seeds),
        f"KL of their fitted normal from N(0, I), {more}": (last("kl"), "nats", mean_over_seeds),
        f"KL between the regions of two trainings, {more}": (
            pairs("region_between_trainings"), "nats", mean_over_pairs,
        ),
        f"share of a training's map unmatched by another's, {more}": (
            pairs("unmatched_between_trainings"), "", mean_over_pairs,
        ),
        f"KL between the regions of two epochs, late, {more}": (
            second_half("region_between_epochs"), "nats", mean_over_seeds,
        ),
        f"displacement between two epochs, late, in units of the spread, {more}": (
            second_half("place_between_epochs"), "", mean_over_seeds,
        ),
        "information on the class in decoded draws of N(0, I), VAE minus AE": (
            informed[::-1], "nats", mean_over_seeds,
        ),
    }  # fmt: skip
    checks = []
    for what, (values, unit, mean) in found.items():
        value, error = mean(values[0] - values[1])
        checks.append(Check(what, value, ">", 0.0, error=error, unit=unit))
    return tuple(checks)
