"""The variational autoencoder of p(x|c)."""

from __future__ import annotations

from typing import Any, ClassVar, Self, final

import numpy as np

from latentia.config import EstimatorKind
from latentia.data import Data
from latentia.data._conditions import columns_of
from latentia.errors import DataError, UsageError
from latentia.estimator._arrays import Array
from latentia.estimator._variational import Variational
from latentia.voice import in_keywords

__all__ = ["ConditionalVAE"]


@final
class ConditionalVAE(Variational):
    r"""A conditional variational autoencoder: learns p(x|c) through latents z ~ p(z|c).

    .. math:: \log p(x|c) \ge E_{q(z|x, c)}[\log p(x|z, c)] - KL(q(z|x, c) \| p(z|c))

    Conditions are classes or numbers that are known of every example. What they tell need not be
    in z, which keeps what they leave open: of digits given their label, the style. `given` says
    under which conditions a method works: `cvae.given(7).sample(5)`.

    Arguments:
        n_components: L, the number of latents; `auto` lets the data choose.
        likelihood: p(x|z), a member of the likelihood room, or `auto`.
        variational: The family of q(z|x), a member of the posterior room (the method `posterior`
            returns q(z|x) itself).
        prior: p(z), a member of the prior room; `conditional` is p(z|c).
        network: The architecture, a member of the network room, or `auto`.
        objective: What training maximizes, a member of the objective room.
        beta: Weight of the KL term in the ELBO objective; reports always use 1.
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
        Sohn, Lee and Yan, "Learning structured output representation using deep conditional
        generative models", 2015; Doersch, "Tutorial on variational autoencoders", 2016, section 3.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> cvae = ConditionalVAE(n_components=2, max_epochs=1).fit(X, y)
        >>> cvae.given(7).sample(3).shape
        (3, 8, 8)
    """

    kind: ClassVar[EstimatorKind] = "ConditionalVAE"

    @in_keywords
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn p(x|c) of the examples; a tenth of them is kept to choose the best epoch.

        Arguments:
            X: Examples, as for `VAE.fit`, (n, ...).
            y: Their conditions: labels (n,), text or whole numbers, each a class, or fractions, a
                number; several as columns (n, k), a dictionary or a data frame, in which text is
                classes and numbers are numbers. `schema_.conditions` says what they were read as.

        Returns:
            self

        Raises:
            DataError: if the data cannot be learned from, or a condition is not always known.
            UsageError: if there are no conditions.
        """
        if y is None:
            raise UsageError(
                "A model of p(x|c) learns from examples and their conditions: there are none.",
                where="fit(X, y)",
                how="Give them as y, or use `VAE` for p(x).",
            )
        labels = _labels(y)
        data = Data.from_array(X, labels)
        names = ["label"] if labels is not None and data.y is not None else columns_of(y)
        data = data.under(names)
        _require_known(data)
        return self._learn(data)

    @in_keywords
    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Array:
        """Fit, then return the posterior means of the same examples under their conditions."""
        return self.fit(X, y).given(y).transform(X)

    @in_keywords
    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean log p(x|c) of examples X (n, ...), in nats.

        Arguments:
            X: Examples.
            y: Their conditions; those that were `given` where None.
        """
        under = self if y is None else self.given(y)
        return float(under.score_samples(X).mean())


def _require_known(data: Data) -> None:
    assert data.c is not None
    absent = np.isnan(data.c[:, 0])
    if absent.any():
        raise DataError(
            f"Condition {data.schema.conditions[0].name!r} is not known of {int(absent.sum())} of "
            f"{len(absent)} examples.",
            where=f"y, first at row {int(np.flatnonzero(absent)[0])}",
            how="`SemiSupervisedVAE` learns from examples of which only some have a label.",
        )


def _labels(y: Any) -> Any:
    """Return y if it can be labels: one column, and no fractions."""
    if hasattr(y, "keys") or hasattr(y, "columns"):
        return None
    values = np.asarray(y)
    fractions = values.dtype.kind == "f" and bool((values != np.floor(values)).any())
    column = values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1)
    return values.reshape(-1) if column and not fractions else None
