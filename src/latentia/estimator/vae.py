"""The variational autoencoder."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, final

from latentia.design import Component, Wishes, with_name
from latentia.errors import UsageError
from latentia.estimator._seeds import RandomState
from latentia.estimator.base import Estimator
from latentia.session import Plan
from latentia.view import Binarize

__all__ = ["VAE"]


@final
class VAE(Estimator):
    r"""A variational autoencoder: learns p(x) through latents z ~ p(z).

    .. math:: \log p(x) \ge E_{q(z|x)}[\log p(x|z)] - \beta\, KL(q(z|x) \| p(z)), \quad \beta = 1

    Components are names, or dictionaries with a name and options:
    `{"name": "mlp", "hidden": (256, 256)}`.

    Arguments:
        n_components: L, the number of latents; `auto` lets the data choose.
        likelihood: p(x|z), a member of the likelihood room, or `auto`.
        variational: The family of q(z|x), a member of the posterior room (the method `posterior`
            returns q(z|x) itself).
        prior: p(z), a member of the prior room.
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
        Kingma and Welling, "Auto-encoding variational Bayes", 2014; Rezende et al., 2014.

    Example:
        >>> import latentia as lt
        >>> X, y = lt.data.load("digits", return_X_y=True)
        >>> vae = VAE(n_components=2, max_epochs=1).fit(X)
        >>> vae.sample(3).shape
        (3, 8, 8)
    """

    kind: ClassVar[Literal["VAE", "AutoEncoder"]] = "VAE"

    def __init__(
        self,
        n_components: int | Literal["auto"] = "auto",
        *,
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
        self.n_components = n_components
        self.likelihood = likelihood
        self.variational = variational
        self.prior = prior
        self.network = network
        self.objective = objective
        self.beta = beta
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
        """Return what to train and how."""
        wishes = Wishes(
            latent_dim=self.n_components,
            network=self.network,
            posterior=self.variational,
            prior=self.prior,
            likelihood=self.likelihood,
            binarize=self.binarize,
        )
        return Plan(
            kind=self.kind,
            wishes=wishes,
            objective=self._objective(),
            corruption=self.corruption,
            settings=self.training_settings(),
            device=self.device,
        )

    def _objective(self) -> Component:
        if self.beta == 1.0:
            return with_name(self.objective, "elbo")
        spec = with_name(self.objective, "elbo")
        if spec["name"] != "elbo":
            raise UsageError(
                f"beta={self.beta} is the ELBO's, and the objective is {spec['name']}.",
                how="Leave beta at 1, and give the objective its own options: "
                "objective={'name': ..., ...}.",
            )
        if spec.get("beta", self.beta) != self.beta:
            raise UsageError(
                f"beta={self.beta} and objective={spec} contradict each other.",
                how="Give beta in one place.",
            )
        return {**spec, "beta": self.beta}
