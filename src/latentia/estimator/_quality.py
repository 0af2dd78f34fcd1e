"""Samples of an estimator and real examples of the same kind, for their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import torch
from torch import Tensor

from latentia.choice import is_whole
from latentia.errors import RunError, UsageError
from latentia.estimator._arrays import Array
from latentia.evaluation.quality import FEWEST, Quality, quality
from latentia.feature.base import Feature
from latentia.rng import mix
from latentia.view import Examples, View

if TYPE_CHECKING:
    from latentia.estimator._fitted import Fitted

__all__ = ["Comparison", "Values", "kind_of", "quality_of"]

Values = Literal["draw", "mean"]


class Comparison(NamedTuple):
    """How samples are compared with real examples.

    Arguments:
        feature: What they are compared in.
        n: How many of each set, at most.
        neighbours: Which neighbour the balls of precision and the others reach to.
        values: `draw`: samples x ~ p(x|z); `mean`: E[x|z].
        seed: Seed of which examples, of their binarization and of the samples.
    """

    feature: Feature
    n: int
    neighbours: int
    values: Values
    seed: int


def quality_of(model: Fitted, X: Any, beside: Any, how: Comparison) -> Quality:
    """Sample a model and compare: see `Estimator.quality`.

    Arguments:
        model: A fitted model of images.
        X: Real examples, (N, ...).
        beside: Others, (M, ...).
        how: What is compared.
    """
    require_samples_of_images(model)
    _require_known(how)
    _require_mean(model, how.values)
    real, other = model.examples(X), model.under(None).examples(beside)
    n = _size(how.n, len(real), len(other))
    rows = _some(n, len(real), how.seed, 8)
    seen = _view(model, how.values)
    # Of the others the coins are others too: shared ones would make them alike.
    others = _seen(other, seen, _some(n, len(other), how.seed, 9), mix(how.seed, 9))
    c = real.c if real.c is None or len(real.c) == 1 else real.c[torch.as_tensor(rows)]
    drawn = _samples(model.under(c), n, how)
    return quality(_seen(real, seen, rows, how.seed), drawn, others, how.feature, how.neighbours)


def kind_of(model: Fitted, values: Values) -> str:
    """Say of which kind samples and real examples are, in words."""
    seen, view = _view(model, values), model.config_.model.view
    if _is_shown(model, values):
        real = "binarized at 1/2" if seen.binarize == "threshold" else "as they are"
        what, how = model.model_.likelihood.shows
        return f"{what.lower()} {how}, and real examples {real}"
    if view.kind == "binary" or seen.binarize == "none":
        return "samples x ~ p(x|z), and real examples as they are"
    how = "at 1/2" if seen.binarize == "threshold" else "by a coin for every pixel"
    return f"samples x ~ p(x|z) of black and white, and real examples binarized {how}"


def require_samples_of_images(model: Fitted) -> None:
    """Refuse a model that cannot be sampled, or whose examples are no images.

    Raises:
        RunError: saying which.
    """
    if not model.is_generative:
        raise RunError(
            "An autoencoder has no prior, so nothing can be sampled.",
            how="Fit one with `latentia fit-prior RUN --out NEW`, or train a VAE.",
        )
    if not model.schema_.is_image:
        raise RunError(
            "Samples are compared in features of images, and one example of this model is a row "
            "of numbers.",
            how="Train on images of shape (n, H, W) if these are images laid flat; compare the "
            "columns of a table by what `latentia sample RUN --out FILE.csv` writes.",
        )


def _require_mean(model: Fitted, values: Values) -> None:
    """Refuse means where what is shown for p(x|z) is a draw."""
    if values == "mean" and not model.model_.likelihood.has_mean:
        raise UsageError(
            "This decoder has no mean in closed form: what is shown of it is a draw.",
            where="values",
            how="Compare draws.",
        )


def _is_shown(model: Fitted, values: Values) -> bool:
    """Whether samples are what is shown for p(x|z): where a cost stands for it, draws are too."""
    return values == "mean" or bool(model.model_.likelihood.cost)


def _view(model: Fitted, values: Values) -> View:
    """Return how real examples are read so that they are of the kind of the samples."""
    view = model.config_.model.view
    if _is_shown(model, values):
        return View(view.kind, "threshold" if view.binarize == "threshold" else "none")
    if view.binarize == "none" and model.model_.likelihood.describes == {"binary"}:
        return View(view.kind, "dynamic")  # greys trained as if probabilities: so are the coins
    return view


def _seen(examples: Examples, view: View, rows: Array, seed: int) -> Tensor:
    return Examples(examples.stored, view, rows).whole(seed).x


def _samples(model: Fitted, n: int, how: Comparison) -> Tensor:
    draw = model.sample if how.values == "draw" else model.sample_mean
    return torch.from_numpy(model.schema_.to_model(draw(n, random_state=how.seed)))


def _require_known(how: Comparison) -> None:
    for name, value in (("n", how.n), ("neighbours", how.neighbours)):
        if not is_whole(value):
            raise UsageError(
                f"{name} is a whole number, not {value!r}.", where=name, how="Use 10000, and 5."
            )
    if how.values not in get_args(Values):
        raise UsageError(
            f"There are no values called {how.values!r}.",
            where="values",
            how=f"Choose one of: {', '.join(get_args(Values))}.",
        )


def _size(most: int, real: int, other: int) -> int:
    """Return how many of each set there can be."""
    n = min(most, real, other)
    if n < FEWEST:
        raise UsageError(
            f"Fewer than {FEWEST} of each set say nothing: there are {real} examples to compare "
            f"with, {other} others, and at most {most} of each are asked for.",
            where="n",
            how="Use 10000 for numbers to publish; give more data where there are too few.",
        )
    return n


def _some(n: int, of: int, *key: int) -> Array:
    """Return n of so many rows, in their order."""
    rows: Array = np.sort(np.random.default_rng(mix(*key)).permutation(of)[:n])
    return rows
