"""What variational autoencoders share, with conditions or without: their arguments."""

from __future__ import annotations

from typing import Any, Literal

from latentia.design import Component, Wishes, with_name
from latentia.errors import UsageError
from latentia.estimator._seeds import RandomState
from latentia.estimator.base import Estimator
from latentia.session import Plan
from latentia.view import Binarize

__all__ = ["Variational"]


class Variational(Estimator):
    """An estimator whose posterior, prior, likelihood and objective can be anything."""

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
