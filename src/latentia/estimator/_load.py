"""From a run's configuration and weights to a fitted estimator."""

from __future__ import annotations

from pathlib import Path

from latentia import room
from latentia.config import Config
from latentia.device import choose
from latentia.estimator.base import ARGUMENTS, Estimator
from latentia.run import Run
from latentia.voice import in_keywords

__all__ = ["estimator_of", "load"]


@in_keywords
def load(path: str | Path, device: str = "auto", *, epoch: int | None = None) -> Estimator:
    """Load a trained model from its run folder, with no data and no other file.

    Arguments:
        path: The folder that `latentia train` or `save` wrote.
        device: `auto`, `cpu` or `cuda`.
        epoch: The model as it was after that epoch, of a run trained with `--snapshots`; the
            run's own, which is that of the best validation ELBO, if None.

    Returns:
        A fitted `VAE`, `AutoEncoder`, `ConditionalVAE` or `SemiSupervisedVAE`.

    Raises:
        RunError: if the folder holds no run, or a broken one, or the epoch's weights were not
            kept.
    """
    run = Run(path)
    config = run.config()
    weights = None if epoch is None else run.snapshot(epoch)
    model = run.load_model(weights).to(choose(device))
    return estimator_of(config).adopt(config, model, run.metrics())


_FILES = {
    "VAE": "vae",
    "AutoEncoder": "autoencoder",
    "ConditionalVAE": "conditional-vae",
    "SemiSupervisedVAE": "semi-supervised-vae",
}


def estimator_of(config: Config) -> Estimator:
    """Return the unfitted estimator that a configuration belongs to."""
    cls: type[Estimator] = room.load("estimator", _FILES[config.estimator])
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
        "settings": settings.model_dump(exclude=ARGUMENTS, exclude_defaults=True) or None,
        "random_state": settings.seed,
        **(config.labelling or {}),
    }
    known = cls._get_param_names()
    if config.objective["name"] == "elbo":
        wanted["beta"] = config.objective["beta"]
        wanted["objective"] = {k: v for k, v in config.objective.items() if k != "beta"}
    return cls(**{name: value for name, value in wanted.items() if name in known})
