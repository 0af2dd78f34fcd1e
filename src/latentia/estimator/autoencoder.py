"""The plain autoencoder: the same spine with a point for a posterior and no prior."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

from latentia.config import EstimatorKind
from latentia.design import Component, Wishes
from latentia.estimator._seeds import RandomState
from latentia.estimator.base import Estimator
from latentia.session import Plan
from latentia.view import Binarize

__all__ = ["AutoEncoder"]


@final
class AutoEncoder(Estimator):
    r"""An autoencoder: maximizes log p(x|z) at z = mu(x), with no prior on z.

    .. math:: \max\; \log p(x | \mu(x))

    It compresses; it is no generative model. `sample` and `score_samples` say so.

    Arguments:
        n_components: L, the number of latents; `auto` lets the data choose.
        likelihood: p(x|z), a member of the likelihood room, or `auto`.
        network: The architecture, a member of the network room, or `auto`.
        binarize: How grey values become x: `dynamic`, `threshold`, `none` or `auto`.
        corruption: Noise on the encoder's input (denoising), a member of its room, or None.
        max_epochs: Passes over the data; `auto` is 50, or more where data are few.
        batch_size: Examples per step; `auto` is 128, or fewer where data are few.
        learning_rate: Adam's step size.
        settings: More fields of `latentia.training.settings.Settings`.
        random_state: Seed, or a numpy RandomState or Generator; None draws a fresh one.
        device: `auto`, `cpu` or `cuda`.
        verbose: Whether to show progress.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> AutoEncoder(n_components=2, max_epochs=1).fit(X).transform(X).shape
        (1797, 2)
    """

    kind: ClassVar[EstimatorKind] = "AutoEncoder"

    def __init__(
        self,
        n_components: int | Literal["auto"] = "auto",
        *,
        likelihood: Component = "auto",
        network: Component = "auto",
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
        self.n_components = n_components
        self.likelihood = likelihood
        self.network = network
        self.binarize = binarize
        self.corruption = corruption
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.settings = settings
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def plan(self) -> Plan:
        """Return what to train and how: a Dirac posterior, a flat prior."""
        wishes = Wishes(
            latent_dim=self.n_components,
            network=self.network,
            posterior="dirac",
            prior="flat",
            likelihood=self.likelihood,
            binarize=self.binarize,
        )
        return Plan(
            kind=self.kind,
            wishes=wishes,
            corruption=self.corruption,
            settings=self.training_settings(),
            device=self.device,
        )
