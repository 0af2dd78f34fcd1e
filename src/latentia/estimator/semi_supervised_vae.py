"""The variational autoencoder of examples of which only some are labelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self, final

import numpy as np
import torch
from torch import Tensor

from latentia.choice import is_whole
from latentia.config import EstimatorKind
from latentia.data import Data
from latentia.design import Component
from latentia.errors import UsageError
from latentia.estimator._arrays import Array, filled, parts_of
from latentia.estimator._classes import classes_of, named, require_classes
from latentia.estimator._path import both_ends, path_between
from latentia.estimator._seeds import RandomState, seed_of
from latentia.estimator._variational import Variational
from latentia.objective._labelled import Labelling
from latentia.rng import seeded
from latentia.session import Plan
from latentia.view import Binarize
from latentia.voice import in_keywords

__all__ = ["SemiSupervisedVAE"]


@final
class SemiSupervisedVAE(Variational):
    r"""A model of p(x, y) for data with few labels: of x that have none, y is a latent.

    .. math:: \log p(x) \ge \sum_y q(y|x) \big[\mathrm{ELBO}(x|y) + \log p(y) - \log q(y|x)\big],
        \quad \log p(x, y) \ge \mathrm{ELBO}(x|y) + \log p(y)

    The sum goes over every class. What examples without a label show of the data teaches the
    classifier q(y|x) too (`predict`, `predict_proba`). `given(7)` is the model of p(x|y = 7), with
    every method of a `VAE`; without it, `elbo`, `score` and `score_samples` are of p(x), `sample`
    draws y first, and latents are those under the class that is predicted; half way between
    examples of two classes `interpolate` changes from one to the other.

    Arguments:
        n_components: L, the number of latents; `auto` lets the data choose.
        alpha: Weight of log q(y|x), averaged over the labelled examples, beside the bound,
            averaged over all; it is in no reported bound.
        labels_first: Epochs in which labels alone teach q(y|x). Bounds of an untrained p(x|y) say
            nothing of classes; of large images more epochs, or a larger alpha, may be needed.
        likelihood: p(x|z), a member of the likelihood room, or `auto`.
        variational: The family of q(z|x), a member of the posterior room (the method `posterior`
            returns q(z|x) itself).
        prior: p(z), a member of the prior room; `conditional` is p(z|y).
        network: The architecture, of the classifier too; a member of the network room, or `auto`.
        objective: What training maximizes, a member of the objective room.
        beta: Weight of the KL of z in the ELBO objective; reports always use 1.
        binarize: How grey values become x: `dynamic`, `threshold`, `none` or `auto`.
        corruption: Noise on the encoder's input (denoising), a member of its room, or None.
        max_epochs: Passes over the data; `auto` is 50, or more where data are few.
        batch_size: Examples per step; `auto` is 128, or fewer where data are few.
        learning_rate: Adam's step size.
        settings: More fields of `latentia.training.settings.Settings`.
        random_state: Seed, or a numpy RandomState or Generator; None draws a fresh one.
        device: `auto`, `cpu` or `cuda`.
        verbose: Whether to show progress.

    References:
        Kingma, Rezende, Mohamed and Welling, "Semi-supervised learning with deep generative
        models" (M2), 2014.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> y[100:] = -1  # labels of a hundred digits
        >>> model = SemiSupervisedVAE(n_components=2, max_epochs=1).fit(X, y)
        >>> model.predict(X).shape, model.given(7).sample(3).shape
        ((1797,), (3, 8, 8))
    """

    kind: ClassVar[EstimatorKind] = "SemiSupervisedVAE"

    def __init__(
        self,
        n_components: int | Literal["auto"] = "auto",
        *,
        alpha: float = 1.0,
        labels_first: float = 10.0,
        likelihood: Component = "auto",
        variational: Component = "gaussian",
        prior: Component = "standard-normal",
        network: Component = "auto",
        objective: Component = "elbo",
        beta: float = 1.0,
        binarize: Binarize | Literal["auto"] = "auto",
        corruption: Component | None = None,
        max_epochs: int | Literal["auto"] = "auto",
        batch_size: int | Literal["auto"] = "auto",
        learning_rate: float = 1e-3,
        settings: dict[str, Any] | None = None,
        random_state: RandomState = 0,
        device: str = "auto",
        verbose: bool = False,
    ) -> None:
        super().__init__(
            n_components,
            likelihood=likelihood,
            variational=variational,
            prior=prior,
            network=network,
            objective=objective,
            beta=beta,
            binarize=binarize,
            corruption=corruption,
            max_epochs=max_epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            settings=settings,
            random_state=random_state,
            device=device,
            verbose=verbose,
        )
        self.alpha, self.labels_first = alpha, labels_first

    def plan(self) -> Plan:
        """Return what to train and how."""
        return replace(super().plan(), labelling=Labelling(self.alpha, self.labels_first))

    @in_keywords
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn p(x, y) of the examples; a tenth of them is kept to choose the best epoch.

        Arguments:
            X: Examples, as for `VAE.fit`, (n, ...).
            y: Their labels (n,), whole numbers or text; -1, NaN, None or '' where there is none.

        Returns:
            self

        Raises:
            DataError: if the data cannot be learned from.
            UsageError: if there are no labels, or none of two classes.
        """
        if y is None:
            raise UsageError(
                "Some examples need a label, and there are none.",
                where="fit(X, y)",
                how="Give y with -1 where a label is missing, or use `VAE` for p(x).",
            )
        name, text = named(y)
        require_classes(text)
        return self._learn(Data.from_array(X, text).under({name: text}).partly())

    @property
    def classes_(self) -> Array:
        """The classes (C,), in the order of `predict_proba`."""
        self._model()
        return classes_of(self.schema_.conditions[0].classes)

    @in_keywords
    def predict_proba(self, X: Any) -> Array:
        """Return q(y|x) of examples X (n, ...), (n, C) in the order of `classes_`."""
        stored = self._stored(X)
        return filled(len(stored), self._probabilities(stored))

    @in_keywords
    def predict(self, X: Any) -> Array:
        """Return the most probable class of examples X (n, ...), (n,), as y had them."""
        found: Array = self.classes_[self.predict_proba(X).argmax(1)]
        return found

    @in_keywords
    def accuracy(self, X: Any, y: Any) -> float:
        """Return the share of labelled examples whose class `predict` finds.

        Arguments:
            X: Examples (n, ...).
            y: Their labels, as for `fit`; those without one are left out.

        Raises:
            UsageError: if none has a label.
        """
        text = named(y)[1]
        known = text != ""
        if not known.any():
            raise UsageError("None of these examples has a label.", where="y", how="Give some.")
        found = np.array([str(value) for value in self.predict(X).tolist()], dtype=object)
        return float((found[known] == text[known]).mean())

    @in_keywords
    def reconstruct(self, X: Any) -> Array:
        """Return E[x|z] at the posterior mean of X (n, ...), under a predicted or given class."""
        under = self.under(self._conditions_of(self._stored(X)))
        return under.inverse_transform(under.transform(X))

    @in_keywords
    def interpolate(
        self,
        a: Any,
        b: Any,
        *,
        steps: int = 11,
        method: Literal["linear", "spherical"] = "linear",
    ) -> Array:
        """Return decodes on the way from example a to example b, (steps, ...).

        Unless a class is given, each end is under the one that `predict` finds, and each decode
        under that of the nearer end, in the middle a's: between classes there is no other.

        Arguments:
            a: One example.
            b: Another.
            steps: How many, both ends included.
            method: `linear`, or `spherical`, which keeps the length that a normal prior expects.
        """
        found = both_ends(a, b)
        c = self._conditions_of(self._stored(found))
        assert c is not None
        ends = self.under(c).transform(found)
        z = path_between(ends[0], ends[1], steps, method)
        nearer = c if len(c) == 1 else c[(np.linspace(0, 1, steps) > 0.5).astype(np.int64)]
        return self.under(nearer).inverse_transform(z)

    @in_keywords
    def sample(
        self, n: int = 1, *, temperature: float = 1.0, random_state: RandomState = 0
    ) -> Array:
        """Draw n new examples (n, ...): y ~ p(y), unless it is given, then z and x under it.

        Arguments:
            n: How many.
            temperature: What the deviations of p(z) are multiplied by.
            random_state: Seed, or a numpy RandomState or Generator; None draws anew every time.
        """
        seed = seed_of(random_state)
        return Variational.sample(
            self._of_drawn(n, seed), n, temperature=temperature, random_state=seed
        )

    @in_keywords
    def sample_mean(
        self, n: int = 1, *, temperature: float = 1.0, random_state: RandomState = 0
    ) -> Array:
        """Return E[x|z] (n, ...) of n draws as `sample` takes them, in place of x."""
        seed = seed_of(random_state)
        return Variational.sample_mean(
            self._of_drawn(n, seed), n, temperature=temperature, random_state=seed
        )

    def _of_drawn(self, n: int, seed: int) -> Self:
        """Return the model under n classes drawn from p(y), or under those that are given."""
        labels = self._model().labels
        if self.condition_ is not None or labels is None or not is_whole(n) or n < 1:
            return self
        with torch.no_grad(), seeded(seed, 7):
            y: Tensor = labels.prior().sample(torch.Size([n]))  # type: ignore[no-untyped-call]
        return self.under(torch.nn.functional.one_hot(y, labels.classes).float())

    def _conditions_of(self, stored: Tensor) -> Tensor | None:
        if self.condition_ is not None:
            return self.condition_
        q = torch.from_numpy(filled(len(stored), self._probabilities(stored)))
        return torch.nn.functional.one_hot(q.argmax(1), q.shape[1]).float().to(self._device)

    def _probabilities(self, stored: Tensor) -> Iterator[Tensor]:
        """Yield q(y|x) of some hundred examples after the other."""
        labels = self._model().labels
        assert labels is not None
        with torch.no_grad():
            for part in parts_of(stored):
                yield labels(self._plain_view(part)).probs
