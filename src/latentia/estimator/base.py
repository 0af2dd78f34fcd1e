"""What every estimator does once it is fitted: encode, decode, sample, score, save."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from torch import Tensor
from torch.distributions import Distribution

from latentia import room
from latentia.card import write_card
from latentia.data import Data
from latentia.design import is_whole
from latentia.device import choose
from latentia.errors import UsageError
from latentia.estimator._path import path_between
from latentia.evaluation.bound import per_example
from latentia.evaluation.likelihood import LogLikelihood, log_likelihood
from latentia.evidence.importance import ImportanceSampling
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.run import Config, Run
from latentia.session import DataRequest, Plan, prepare, require_likelihood
from latentia.training.progress import observer_for
from latentia.training.settings import Settings
from latentia.view import Examples, View

__all__ = ["Estimator", "Nats", "load"]

Array = npt.NDArray[Any]
_ROWS = 500
# The settings that are arguments of an estimator; `settings` holds the others.
_ARGUMENTS = {"epochs", "batch_size", "learning_rate", "seed"}


class Nats(NamedTuple):
    """The ELBO of each of n examples and its parts, in nats.

    Arguments:
        elbo: reconstruction - kl, (n,).
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,).
        kl_per_dim: The same for each latent, (n, L), or None where it does not factorize.
    """

    elbo: Array
    reconstruction: Array
    kl: Array
    kl_per_dim: Array | None


class Estimator(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A latent-variable model with scikit-learn's manners; `VAE` and `AutoEncoder` are its kinds.

    Learned attributes:
        model_: The `LatentVariableModel`.
        config_: The whole configuration, as in `config.json`.
        schema_: What one example is.
        history_: One dictionary per epoch and split, as in `metrics.jsonl`.
        n_features_in_: Numbers in one example.
    """

    kind: ClassVar[Literal["VAE", "AutoEncoder"]]
    n_components: int | Literal["auto"]
    max_epochs: int | Literal["auto"]
    batch_size: int | Literal["auto"]
    learning_rate: float
    settings: dict[str, Any] | None
    device: str
    random_state: int | None

    @abstractmethod
    def plan(self) -> Plan:
        """Return what to train and how, from the constructor's arguments."""

    def training_settings(self) -> Settings:
        """Return the settings of training that the constructor's arguments ask for.

        Raises:
            UsageError: if one cannot be, or `settings` repeats an argument.
        """
        twice = sorted(_ARGUMENTS & set(self.settings or {}))
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
            seed=_seed(self.random_state),
            **(self.settings or {}),
        )

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
        """
        session = prepare(Data.from_array(X, y), self.plan(), DataRequest(test=0))
        design = session.config.model
        quiet = not getattr(self, "verbose", False)
        note = "*" if session.config.no_likelihood else ""
        session.train(observer_for(design.latent_dim, quiet=quiet, note=note))
        return self.adopt(session.config, session.model, session.history)

    def adopt(
        self, config: Config, model: LatentVariableModel, history: list[dict[str, Any]]
    ) -> Self:
        """Become the estimator of a trained model; what `fit` and `load` end with."""
        self.config_, self.model_, self.history_ = config, model.eval(), history
        self.schema_ = config.data.schema_
        self.latent_dim_ = config.model.latent_dim
        self.n_features_in_ = int(np.prod(self.schema_.shape))
        return self

    @property
    def is_generative(self) -> bool:
        """Whether there is a prior to sample from."""
        return self._model().prior.is_proper

    def posterior(self, X: Any) -> Distribution:
        """Return q(z|x) of examples X (n, ...): a torch distribution, batch (n,), event (L,)."""
        with torch.no_grad():
            q: Distribution = self._model().posterior(self.plain(X))
        return q

    def transform(self, X: Any) -> Array:
        """Return the posterior means of examples X (n, ...), shape (n, L); the same every time."""
        x = self.plain(X)
        with torch.no_grad():
            means = [self._model().posterior(part).mean for part in _parts(x)]
        return _array(torch.cat(means))

    def inverse_transform(self, Z: Any) -> Array:
        """Return E[x|z] of latents Z (n, L), shape (n, ...): pixels in [0, 1] or data units."""
        z = self._latents(Z)
        with torch.no_grad():
            means = [self._model().likelihood(part).mean for part in _parts(z)]
        return self.schema_.from_model(_array(torch.cat(means)))

    def reconstruct(self, X: Any) -> Array:
        """Return E[x|z] at the posterior mean of X (n, ...), same shape; the same every time."""
        return self.inverse_transform(self.transform(X))

    def sample(self, n: int = 1, *, random_state: int | None = 0) -> Array:
        """Draw n new examples x ~ p(x|z), z ~ p(z), shape (n, ...).

        Arguments:
            n: How many.
            random_state: Seed; None draws anew every time.

        Raises:
            RunError: if the model has no prior (an autoencoder).
        """
        z = self._prior_draws(n, random_state)
        with torch.no_grad(), seeded(_seed(random_state), 4):
            drawn = [self._model().likelihood(part).sample() for part in _parts(z)]
        return self.schema_.from_model(_array(torch.cat(drawn)))

    def sample_mean(self, n: int = 1, *, random_state: int | None = 0) -> Array:
        """Return E[x|z] of n draws z ~ p(z), (n, ...): what pictures of samples usually show."""
        return self.inverse_transform(_array(self._prior_draws(n, random_state)))

    def elbo(self, X: Any, *, random_state: int | None = 0) -> Nats:
        """Return the ELBO of every example and its parts, with beta = 1 and constants in.

        Arguments:
            X: Examples (n, ...).
            random_state: Seed of the draw of z and of a dynamic binarization.

        Returns:
            `Nats`, (n,) each.
        """
        each = per_example(self._model(), self.examples(X), seed=_seed(random_state))
        per_dim = None if each.kl_per_dim is None else _array(each.kl_per_dim)
        return Nats(_array(each.elbo), _array(each.reconstruction), _array(each.kl), per_dim)

    def score_samples(
        self,
        X: Any,
        n_importance: int = 512,
        *,
        random_state: int | None = 0,
    ) -> Array:
        """Estimate log p(x) of every example by importance sampling, (n,) nats.

        Under a dynamic binarization it is that of one black-and-white draw of each example, the
        same for the same seed and place; means over many examples are steady, single scores move
        by a few nats with `random_state`.

        Arguments:
            X: Examples (n, ...).
            n_importance: Samples of z for each; the estimate rises to log p(x) with it.
            random_state: Seed.

        Raises:
            RunError: if the model's numbers are no likelihood of the data; it says why.
        """
        return _array(self.evidence(X, n_importance, random_state=random_state).each)

    def evidence(
        self,
        X: Any,
        n_importance: int = 512,
        *,
        random_state: int | None = 0,
    ) -> LogLikelihood:
        """Return the estimates of `score_samples` with their errors and effective sample sizes."""
        model = self._model()
        require_likelihood(self.config_)
        if n_importance < 1:
            raise UsageError(
                f"At least one sample of z, not {n_importance}.", where="n_importance"
            )
        examples, seed = self.examples(X), _seed(random_state)
        estimator = ImportanceSampling(samples=n_importance)
        return log_likelihood(model, examples, estimator, seed=seed)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean log p(x) of examples X (n, ...), in nats."""
        return float(self.score_samples(X).mean())

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
        first, last = np.asarray(a), np.asarray(b)
        if first.shape != last.shape:
            raise UsageError(
                f"Between examples of shapes {first.shape} and {last.shape} there is no way.",
                how="Give two single examples, such as X[0] and X[1].",
            )
        ends = self.transform(np.stack([first, last]))
        return self.inverse_transform(path_between(ends[0], ends[1], steps, method))

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write a run folder: JSON, safetensors and a model card; no pickle and no data.

        Raises:
            RunError: if the path already holds a run, and `force` is off.
        """
        model = self._model()
        run = Run(path)
        run.create(self.config_, force=force)
        run.save_model(model)
        run.append(self.history_)
        write_card(run)
        return run.path

    @property
    def _n_features_out(self) -> int:
        """The number of columns of `transform`, for scikit-learn's `get_feature_names_out`."""
        self._model()
        return self.latent_dim_

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _model(self) -> LatentVariableModel:
        check_is_fitted(self)
        return self.model_

    def _stored(self, X: Any) -> Tensor:
        self._model()
        data = Data.from_array(X, like=self.schema_)
        device = next(self.model_.parameters()).device
        return torch.from_numpy(data.model_array()).to(device)

    def examples(self, X: Any) -> Examples:
        """Return examples X (n, ...) as the model reads them, for `latentia.evaluation`."""
        return Examples(self._stored(X), self.config_.model.view)

    def plain(self, X: Any) -> Tensor:
        """Return x without a random binarization: what deterministic methods encode."""
        stored, view = self._stored(X), self.config_.model.view
        return View(view.kind, "threshold" if view.binarize == "threshold" else "none")(stored)

    def _latents(self, Z: Any) -> Tensor:
        model = self._model()
        try:
            z = torch.from_numpy(np.array(Z, dtype=np.float32))
        except (TypeError, ValueError) as error:
            raise UsageError(f"Latents must be numbers: {error}.") from None
        if z.ndim != 2 or z.shape[1] != self.latent_dim_ or not bool(torch.isfinite(z).all()):
            raise UsageError(
                f"Latents must be finite and of shape (n, {self.latent_dim_}), "
                f"not {tuple(z.shape)}.",
                how="Take them from `transform` (`latentia encode`), or draw them from the prior.",
            )
        return z.to(next(model.parameters()).device)

    def _prior_draws(self, n: int, random_state: int | None) -> Tensor:
        model = self._model()
        if not is_whole(n) or n < 1:
            raise UsageError(f"At least one sample, and a whole number, not {n!r}.", where="n")
        with torch.no_grad(), seeded(_seed(random_state), 3):
            z: Tensor = model.prior().sample(torch.Size([n]))
        return z


def load(path: str | Path, device: str = "auto") -> Estimator:
    """Load a trained model from its run folder, with no data and no other file.

    Arguments:
        path: The folder that `latentia train` or `save` wrote.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        A fitted `VAE` or `AutoEncoder`.

    Raises:
        RunError: if the folder holds no run, or a broken one.
    """
    run = Run(path)
    config = run.config()
    return estimator_of(config).adopt(config, run.load_model().to(choose(device)), run.metrics())


def estimator_of(config: Config) -> Estimator:
    """Return the unfitted estimator, VAE or AutoEncoder, that a configuration belongs to."""
    cls: type[Estimator] = room.load("estimator", config.estimator.lower())
    design, settings = config.model, config.training
    wanted = {
        "n_components": design.latent_dim,
        "likelihood": design.likelihood,
        "variational": design.posterior,
        "prior": design.prior,
        "network": design.network,
        "objective": config.objective,
        "binarize": design.binarize,
        "corruption": config.corruption,
        "max_epochs": settings.epochs,
        "batch_size": settings.batch_size,
        "learning_rate": settings.learning_rate,
        "settings": settings.model_dump(exclude=_ARGUMENTS, exclude_defaults=True) or None,
        "random_state": settings.seed,
    }
    known = cls._get_param_names()
    if "beta" in config.objective:
        wanted["beta"] = config.objective["beta"]
        wanted["objective"] = {k: v for k, v in config.objective.items() if k != "beta"}
    return cls(**{name: value for name, value in wanted.items() if name in known})


def _seed(random_state: int | None) -> int:
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if not is_whole(random_state) or random_state < 0:
        raise UsageError(
            f"A seed is a whole number from 0, not {random_state!r}.", where="random_state"
        )
    return int(random_state)


def _parts(x: Tensor) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = x.split(_ROWS)  # type: ignore[no-untyped-call]
    return parts


def _array(tensor: Tensor) -> Array:
    found: Array = tensor.detach().cpu().numpy()
    return found
