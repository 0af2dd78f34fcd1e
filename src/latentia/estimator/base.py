"""What every estimator is: arguments that become a plan, a fit, and a folder to keep it in."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from latentia import room
from latentia.card import write_card
from latentia.data import Data
from latentia.design import Component
from latentia.errors import RunError, UsageError
from latentia.estimator._fitted import Fitted, Nats
from latentia.estimator._quality import Comparison, Values, quality_of
from latentia.estimator._seeds import RandomState, seed_of
from latentia.evaluation.quality import Quality, feature_for
from latentia.request import DataRequest
from latentia.run import Run
from latentia.session import Plan, prepare
from latentia.training.progress import observer_for
from latentia.training.settings import Settings
from latentia.view import Examples
from latentia.voice import in_keywords

__all__ = ["ARGUMENTS", "Estimator", "Nats"]

# The settings that are arguments of an estimator; `settings` holds the others.
ARGUMENTS = {"epochs", "batch_size", "learning_rate", "seed"}


class Estimator(Fitted):
    """A latent-variable model with scikit-learn's manners: `VAE`, `AutoEncoder` and others."""

    n_components: int | Literal["auto"]
    max_epochs: int | Literal["auto"]
    batch_size: int | Literal["auto"]
    learning_rate: float
    settings: dict[str, Any] | None
    device: str
    random_state: RandomState

    @abstractmethod
    def plan(self) -> Plan:
        """Return what to train and how, from the constructor's arguments."""

    def training_settings(self) -> Settings:
        """Return the settings of training that the constructor's arguments ask for.

        Raises:
            UsageError: if one cannot be, or `settings` repeats an argument.
        """
        twice = sorted(ARGUMENTS & set(self.settings or {}))
        if twice:
            raise UsageError(
                f"settings repeats what has an argument of its own: {', '.join(twice)}.",
                where=f"settings={self.settings}",
                how="Use max_epochs, batch_size, learning_rate and random_state.",
            )
        return Settings.checked(
            epochs=0 if self.max_epochs == "auto" else self.max_epochs,
            batch_size=0 if self.batch_size == "auto" else self.batch_size,
            learning_rate=self.learning_rate,
            seed=seed_of(self.random_state),
            **(self.settings or {}),
        )

    @in_keywords
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn p(x) of the examples; a tenth of them is kept to choose the best epoch.

        Arguments:
            X: Examples, uint8 or float, (n, ...), or a data frame. NaN marks a missing cell of
                a table. uint8 images are intensities k/255.
            y: Labels, kept out of the model, or None.

        Returns:
            self

        Raises:
            DataError: if the data cannot be learned from.
            RunError: if training diverges.

        Warns:
            UserWarning: naming the columns of a data frame that are no part of the model.
        """
        data = Data.from_array(X, y)
        _warn_of_left_out(X, data)
        return self._learn(data)

    def _learn(self, data: Data) -> Self:
        session = prepare(data, self.plan(), DataRequest(test=0))
        design = session.config.model
        quiet = not getattr(self, "verbose", False)
        note = "*" if session.config.no_likelihood else ""
        unit = session.model.likelihood.unit
        observer = observer_for(design.latent_dim, quiet=quiet, note=note, unit=unit)
        session.train(observer)
        return self.adopt(session.config, session.model, session.history)

    @in_keywords
    def fit_prior(
        self,
        X: Any,
        prior: Component = "mixture",
        *,
        epochs: int = 20,
        learning_rate: float = 3e-3,
        random_state: RandomState = 0,
    ) -> Estimator:
        """Return this model with another prior, fitted to its latents of X; this one stays.

        Encoder and decoder are the same. The ELBO gains what E_q[log p(z)] gains, and samples come
        from where latents are; an autoencoder becomes a model that can be sampled.

        Arguments:
            X: Examples (n, ...), best those of `fit`; a tenth of them chooses the pass.
            prior: A member of the prior room that learns, such as `mixture`, `flow` or `vamp`.
            epochs: Passes over X.
            learning_rate: Adam's step size at first.
            random_state: Seed.

        Raises:
            UsageError: if the prior cannot be fitted to these latents.
        """
        from latentia.estimator._load import estimator_of
        from latentia.refit import refit

        seed, every = seed_of(random_state), self.examples(X)
        order = np.random.default_rng(seed).permutation(len(every))
        parts = order[len(every) // 10 :], order[: len(every) // 10]
        train, validation = (Examples(every.stored, every.view, part, c=every.c) for part in parts)
        options = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed}
        found = refit(self.config_, self._model(), prior, train, validation, **options)
        return estimator_of(found.config).adopt(found.config, found.model, [found.row])

    @in_keywords
    def quality(
        self,
        X: Any,
        beside: Any,
        *,
        feature: Component | None = None,
        n: int = 10_000,
        neighbours: int = 5,
        values: Values = "draw",
        random_state: RandomState = 0,
    ) -> Quality:
        """Return how like X samples are, and how like it other real examples are: the floor.

        As many of each set as there are of the fewest, at most n, chosen by the seed. Samples
        x ~ p(x|z) are compared with examples as the model reads them, black and white where it
        binarizes; means E[x|z] with examples in grey. A model of p(x|c) samples under the
        conditions of X.

        Arguments:
            X: Real images to compare with, best unseen ones, (N, ...).
            beside: Other real images, such as those of `fit`, (M, ...).
            feature: A member of the feature room; the classifier that was made for the name of
                the run's data if None.
            n: How many of each set, at most.
            neighbours: Which neighbour the balls of precision and the others reach to.
            values: `draw`: samples x ~ p(x|z); `mean`: E[x|z]. Of a cost, which has no p(x|z),
                both are the decoded pictures.
            random_state: Seed.

        Raises:
            RunError: if the model cannot be sampled, or is none of images.
            UsageError: if there are too few of a set, or they are no images of the feature.
        """
        chosen = feature_for(self.config_.data.request) if feature is None else feature
        seed, built = seed_of(random_state), room.build("feature", chosen)
        return quality_of(self, X, beside, Comparison(built, n, neighbours, values, seed))

    @in_keywords
    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write a run folder: JSON, safetensors and a model card; no pickle and no data.

        Raises:
            RunError: if the path already holds a run, and `force` is off.
        """
        model = self._model()
        run = Run(path)
        if run.exists and not force:
            raise RunError(
                "This path already holds a run, and a run is never overwritten by accident.",
                where=str(path),
                how="Replace it with force=True, or choose another path.",
            )
        run.create(self.config_, force=force)
        run.save_model(model)
        run.append(self.history_)
        write_card(run)
        return run.path


def _warn_of_left_out(X: Any, data: Data) -> None:
    """Warn of the columns of a data frame that the model does not see, and why."""
    named = X.column_names if hasattr(X, "column_names") else getattr(X, "columns", ())
    left_out = [str(name) for name in named if str(name) not in data.schema.columns]
    if not left_out or not data.schema.columns:
        return
    why = [note for note in data.notes if any(name in note for name in left_out)]
    listed = ", ".join(map(repr, left_out))
    warnings.warn(
        f"Columns left out of the model: {listed}. {' '.join(why)}", UserWarning, stacklevel=4
    )
