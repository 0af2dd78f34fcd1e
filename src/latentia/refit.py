"""A trained model with another prior, fitted afterwards, and the configuration that says so."""

from __future__ import annotations

from typing import Any, NamedTuple

from latentia import room
from latentia.config import Config
from latentia.design import Component, assemble, start_at_data, why_no_likelihood, with_name
from latentia.errors import RunError, UsageError
from latentia.evaluation.bound import bound
from latentia.model import LatentVariableModel
from latentia.posterior.base import Refined
from latentia.training.prior import PriorFit, fit_prior
from latentia.view import Examples

__all__ = ["Refitted", "refit"]


class Refitted(NamedTuple):
    """A model with a fitted prior.

    Arguments:
        config: Its whole configuration.
        model: The model; posterior and likelihood are copies of the trained ones.
        fit: What the prior gained.
        row: The row of metrics that is true of it: its bound on validation data.
    """

    config: Config
    model: LatentVariableModel
    fit: PriorFit
    row: dict[str, Any]


def refit(
    config: Config,
    model: LatentVariableModel,
    prior: Component,
    train: Examples,
    validation: Examples,
    **options: Any,
) -> Refitted:
    """Return a model whose prior was fitted to the aggregate posterior of a trained one.

    Arguments:
        config: The configuration of the trained model.
        model: The trained model, which stays as it is.
        prior: A member of the prior room.
        train: Examples to fit to.
        validation: Examples to choose by.
        options: `epochs`, `learning_rate` and `seed` of `fit_prior`.

    Raises:
        UsageError: if the prior cannot be fitted.
        RunError: if there are no examples to choose by.
    """
    if not len(train) or not len(validation):
        raise RunError(
            "A prior is fitted to some examples and chosen by others, and there are none.",
            how="Give more examples.",
        )
    spec = room.spec("prior", with_name(prior, "mixture"))
    if model.prior.hierarchical or room.load("prior", spec["name"]).hierarchical:
        raise UsageError(
            "The prior of a ladder is part of it, and cannot be exchanged.",
            where=f"--prior {spec['name']}",
            how="Fit another prior to a model whose latents stand in no groups.",
        )
    if isinstance(model.posterior, Refined):
        raise UsageError(
            "This posterior is moved by p(z): under another prior it would be another one, and "
            "what the prior gains not what the ELBO gains.",
            where=f"--prior {spec['name']}",
            how="Train with that prior from the start.",
        )
    if model.labels is not None:
        raise UsageError(
            "An example of unknown class has latents under every class, and a prior is fitted to "
            "those under one.",
            where=f"--prior {spec['name']}",
            how="Train with that prior from the beginning.",
        )
    design = config.model.model_copy(update={"prior": spec})
    fresh = assemble(design, seed=options.get("seed", 0)).to(next(model.parameters()).device)
    start_at_data(fresh, train)  # what a prior of pseudo-inputs starts from
    fresh.posterior.load_state_dict(model.posterior.state_dict())
    fresh.likelihood.load_state_dict(model.likelihood.state_dict())
    fresh.eval()
    old = LatentVariableModel(fresh.posterior, model.prior, fresh.likelihood).eval()
    found = fit_prior(old, fresh.prior, train, validation, **options)
    update = {
        "model": design,
        "estimator": "VAE" if config.estimator == "AutoEncoder" else config.estimator,
        "no_likelihood": why_no_likelihood(fresh, design.view),
        "reasons": [*config.reasons, f"prior       {spec['name']}: fitted after training"],
    }
    row = {
        "epoch": max(1, found.best_epoch),
        "step": 0,
        "seconds": 0.0,
        "split": "validation",
        **bound(fresh, validation).numbers(fresh),
        "learning_rate": 0.0,
    }
    return Refitted(config.model_copy(update=update), fresh, found, row)
