"""What an estimator does once it is fitted: encode, decode, sample, score."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from copy import copy
from typing import Any, ClassVar, Literal, Self, cast

import numpy as np
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia import room
from latentia.choice import Component, is_whole
from latentia.config import Config, EstimatorKind
from latentia.data import Data
from latentia.distribution.space import onto
from latentia.errors import RunError, UsageError
from latentia.estimator._arrays import Array, array_of, filled, latents_of, parts_of
from latentia.estimator._conditions import fitting, known, read, under_each
from latentia.estimator._groups import means_by_group
from latentia.estimator._nats import Nats, nats_of
from latentia.estimator._path import both_ends, path_between
from latentia.estimator._seeds import RandomState, seed_of
from latentia.evaluation.bound import per_example
from latentia.evaluation.by_group import group_sizes
from latentia.evaluation.likelihood import LogLikelihood, log_likelihood
from latentia.evaluation.score import score_of
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.session import require_likelihood
from latentia.view import Examples, View, tensor_of
from latentia.voice import in_keywords

__all__ = ["Fitted", "Nats"]


def _has_likelihood(estimator: Fitted) -> bool:
    """Whether an estimator can score; scikit-learn shows the error beside its own."""
    if estimator.kind == "AutoEncoder":
        raise RunError(
            "An autoencoder has no log-likelihood: it has no prior, and its posterior is a point.",
            how="Use `elbo(X).reconstruction`, or a VAE.",
        )
    return True


class Fitted(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A trained latent-variable model, with scikit-learn's manners.

    Learned attributes:
        model_: The `LatentVariableModel`.
        config_: The whole configuration, as in `config.json`.
        schema_: What one example is.
        history_: One dictionary per epoch and split, as in `metrics.jsonl`.
        latent_dim_: L, the number of latents.
        n_features_in_: Numbers in one example.
        feature_names_in_: Names of the columns that the model was fitted on (n_features_in_,);
            only of a table.
    """

    kind: ClassVar[EstimatorKind]
    # The conditions under which everything is, (n, C) or (1, C); None where none are said.
    condition_: Tensor | None = None

    def adopt(
        self, config: Config, model: LatentVariableModel, history: list[dict[str, Any]]
    ) -> Self:
        """Become the estimator of a trained model; what `fit` and `load` end with."""
        self.config_, self.model_, self.history_ = config, model.eval(), history
        self.schema_ = config.data.schema_
        self.latent_dim_ = config.model.latent_dim
        self.n_features_in_ = int(np.prod(self.schema_.shape))
        if self.schema_.columns:
            self.feature_names_in_ = np.array(self.schema_.columns, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_  # of another fit
        return self

    @in_keywords
    def given(self, condition: Any) -> Self:
        """Return the same model under conditions: that of p(x|c), with every method of p(x).

        `cvae.given(7).sample(5)` draws five sevens; `cvae.given(y).score(X)` is the mean of
        log p(x|y).

        Arguments:
            condition: A value for all examples, or one for each (n,); several conditions by
                name, as a dictionary or data frame, or (n, k) in the model's order.

        Raises:
            UsageError: if the model has no conditions, or others.
        """
        self._model()
        return self.under(read(condition, self.schema_))

    def under(self, c: Array | Tensor | None) -> Self:
        """Return the same model under conditions as numbers (n, C) or (1, C); see `given`."""
        found = copy(self)
        c = known(tensor_of(c) if isinstance(c, np.ndarray) else c)
        found.condition_ = None if c is None else c.to(self._device)
        return found

    @property
    def is_generative(self) -> bool:
        """Whether there is a prior to sample from."""
        return self._model().prior.is_proper

    @in_keywords
    def posterior(self, X: Any) -> Distribution:
        """Return q(z|x) of examples X (n, ...): a torch distribution, batch (n,), event (L,)."""
        model, stored = self._model(), self._stored(X)
        c = fitting(self._conditions_of(stored), len(stored))
        with torch.no_grad():
            q: Distribution = model.posterior(self._plain_view(stored), c)
        return q

    @in_keywords
    def transform(self, X: Any) -> Array:
        """Return the posterior means of examples X (n, ...), shape (n, L); the same every time."""
        stored = self._stored(X)
        return filled(len(stored), (q.mean for q in self._posteriors(stored)))

    @in_keywords
    def moments(self, X: Any) -> tuple[Array, Array]:
        """Return the means and standard deviations of q(z|x) of examples X (n, ...), (n, L) each.

        Nothing else is kept of them, so that it works for a million examples; `posterior` returns
        the distributions themselves.
        """
        stored = self._stored(X)
        both = (torch.stack([q.mean, q.variance.sqrt()], 1) for q in self._posteriors(stored))
        found = filled(len(stored), both)
        return found[:, 0], found[:, 1]

    @in_keywords
    def inverse_transform(self, Z: Any) -> Array:
        """Return E[x|z] of latents Z (n, L), shape (n, ...): pixels in [0, 1] or data units.

        Directions are brought to length 1 first. Without a mean, it is the likelihood's `shown`.
        """
        z = onto(self._model().prior.space, self._latents(Z))
        shown = self.model_.likelihood.shown
        return self.schema_.from_model(filled(len(z), (shown(p) for p in self._decoded(z))))

    @in_keywords
    def reconstruct(self, X: Any) -> Array:
        """Return E[x|z] at the posterior mean of X (n, ...), same shape; the same every time."""
        return self.inverse_transform(self.transform(X))

    @in_keywords
    def sample(
        self, n: int = 1, *, temperature: float = 1.0, random_state: RandomState = 0
    ) -> Array:
        """Draw n new examples x ~ p(x|z), z ~ p(z), shape (n, ...).

        Arguments:
            n: How many.
            temperature: What the prior's deviations are multiplied by: below 1, samples are more
                alike and more typical, and no longer the model's own.
            random_state: Seed, or a numpy RandomState or Generator; None draws anew every time.

        Raises:
            RunError: if the model has no prior (an autoencoder).
            UsageError: if a temperature is asked for, and the prior is no Gaussian.
        """
        seed = seed_of(random_state)
        z = self._prior_draws(n, seed, temperature)
        with seeded(seed, 4):
            drawn = filled(len(z), (p.sample() for p in self._decoded(z)))
        return self.schema_.from_model(drawn)

    @in_keywords
    def sample_mean(
        self, n: int = 1, *, temperature: float = 1.0, random_state: RandomState = 0
    ) -> Array:
        """Return E[x|z] of n draws z ~ p(z), (n, ...): what pictures of samples usually show."""
        z = self._prior_draws(n, seed_of(random_state), temperature)
        return self.inverse_transform(array_of(z))

    @in_keywords
    def by_group(self, X: Any) -> Array:
        """Return what each group of a ladder adds to reconstructions, (G + 1, n, ...).

        The g-th are of the posterior means of the first g groups, and below them of the prior
        means given these.

        Arguments:
            X: Examples (n, ...).

        Raises:
            UsageError: if the latents stand in no groups.
        """
        latents = means_by_group(self._model(), self.plain(X))
        return np.stack([self.inverse_transform(array_of(z)) for z in latents])

    @property
    def groups_(self) -> tuple[int, ...]:
        """How many latents each group of a ladder has, in their order; empty of other models."""
        return group_sizes(self._model())

    @in_keywords
    def elbo(self, X: Any, *, random_state: RandomState = 0) -> Nats:
        """Return the ELBO of every example and its parts, with beta = 1 and constants in.

        An autoencoder, whose q(z|x) is a point, has a reconstruction and no ELBO.

        Arguments:
            X: Examples (n, ...).
            random_state: Seed of the draw of z and of a dynamic binarization.

        Returns:
            `Nats`, (n,) each.
        """
        each = per_example(self._model(), self.examples(X), seed=seed_of(random_state))
        return nats_of(self.model_, each)

    @available_if(_has_likelihood)  # type: ignore[untyped-decorator]
    @in_keywords
    def score_samples(
        self,
        X: Any,
        n_importance: int = 512,
        *,
        random_state: RandomState = 0,
    ) -> Array:
        """Estimate log p(x) of every example by importance sampling, (n,) nats.

        Under a dynamic binarization it is that of one black-and-white draw of each example, the
        same for the same seed and place; means over many examples are steady, single scores move
        by a few nats with `random_state`. Where q(z|x) is a single code (VQ-VAE, FSQ) it is the
        ELBO, a bound on log p(x).

        Arguments:
            X: Examples (n, ...).
            n_importance: Samples of z for each; the estimate rises to log p(x) with it.
            random_state: Seed.

        Raises:
            RunError: if the model's numbers are no likelihood of the data; it says why.

        Warns:
            UserWarning: that the scores are the ELBO.
        """
        what = score_of(self._model())
        require_likelihood(self.config_)
        if not what.is_estimated:
            warnings.warn(f"Scores are the {what.words}, in nats: {what.why}.", stacklevel=3)
            return cast("Array", self.elbo(X, random_state=random_state).elbo)
        return array_of(self.evidence(X, n_importance, random_state=random_state).each)

    @available_if(_has_likelihood)  # type: ignore[untyped-decorator]
    @in_keywords
    def evidence(
        self,
        X: Any,
        n_importance: int = 512,
        *,
        method: Component | None = None,
        random_state: RandomState = 0,
    ) -> LogLikelihood:
        """Return the estimates of `score_samples` with their errors and effective sample sizes.

        Arguments:
            X: Examples (n, ...).
            n_importance: Samples of z for each, of importance sampling.
            method: Another member of the evidence room, such as `annealed` or
                `{"name": "quadrature", "tolerance": 1e-4}`, instead of importance sampling.
            random_state: Seed.

        Raises:
            RunError: if the model's numbers are no likelihood of the data; it says why.
            UsageError: if the method cannot work on this model.
        """
        model = self._model()
        require_likelihood(self.config_)
        if n_importance < 1:
            raise UsageError(
                f"At least one sample of z, not {n_importance}.",
                where="n_importance",
                how="Use 100 for a look, 5000 for numbers to publish.",
            )
        examples, seed = self.examples(X), seed_of(random_state)
        estimator = room.build(
            "evidence", method or {"name": "importance", "samples": n_importance}
        )
        return log_likelihood(model, examples, estimator, seed=seed)

    @available_if(_has_likelihood)  # type: ignore[untyped-decorator]
    @in_keywords
    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean of `score_samples` of X (n, ...), log p(x) in nats."""
        return float(self.score_samples(X).mean())

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

        Arguments:
            a: One example.
            b: Another.
            steps: How many, both ends included.
            method: `linear`, or `spherical`, which keeps the length that a normal prior expects.
        """
        ends = self.transform(both_ends(a, b))
        return self.inverse_transform(path_between(ends[0], ends[1], steps, method))

    @property
    def _n_features_out(self) -> int:
        """The number of columns of `transform`, for scikit-learn's `get_feature_names_out`."""
        self._model()
        return self.latent_dim_

    def __sklearn_tags__(self) -> Tags:
        """Tell scikit-learn what X may be: tables with NaN for missing cells, and images."""
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = []  # latents are float32, whatever X is
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _model(self) -> LatentVariableModel:
        check_is_fitted(self)
        return self.model_

    def _stored(self, X: Any) -> Tensor:
        self._model()
        return tensor_of(Data.model_array_of(X, self.schema_)).to(self._device)

    @property
    def _device(self) -> torch.device:
        return next(self._model().parameters()).device

    @in_keywords
    def examples(self, X: Any) -> Examples:
        """Return examples X (n, ...) as the model reads them, for `latentia.evaluation`."""
        stored = self._stored(X)
        view = self.config_.model.view
        return Examples(stored, view, c=fitting(self.condition_, len(stored)))

    def plain(self, X: Any) -> Tensor:
        """Return x without a random binarization: what deterministic methods encode."""
        return self._plain_view(self._stored(X))

    @property
    def _plain_view(self) -> View:
        view = self.config_.model.view
        return View(view.kind, "threshold" if view.binarize == "threshold" else "none")

    def _posteriors(self, stored: Tensor) -> Iterator[Distribution]:
        """Yield q(z|x) of some hundred examples after the other."""
        model, view, every = self._model(), self._plain_view, self._conditions_of(stored)
        with torch.no_grad():
            for part, c in under_each(parts_of(stored), len(stored), every):
                yield model.posterior(view(part), c)

    def _conditions_of(self, stored: Tensor) -> Tensor | None:
        """Return the conditions under which stored examples are encoded."""
        return self.condition_

    def _decoded(self, z: Tensor) -> Iterator[Independent[Distribution]]:
        """Yield p(x|z) of some hundred latents after the other."""
        model = self._model()
        with torch.no_grad():
            for part, c in under_each(parts_of(z), len(z), self.condition_):
                yield model.likelihood(part, c)

    def _latents(self, Z: Any) -> Tensor:
        self._model()
        return latents_of(Z, self.latent_dim_).to(self._device)

    def _prior_draws(self, n: int, seed: int, temperature: float = 1.0) -> Tensor:
        model = self._model()
        if not is_whole(n) or n < 1:
            raise UsageError(
                f"At least one sample, and a whole number, not {n!r}.",
                where="n",
                how="Ask for 1 or more.",
            )
        with torch.no_grad(), seeded(seed, 3), model.given(fitting(self.condition_, n)):
            return model.draw_prior(n, temperature)
