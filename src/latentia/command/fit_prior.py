"""Fit another prior to a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from latentia.errors import UsageError
from latentia.options import component_options, gathered
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.training.prior import PriorFit

__all__ = ["OPTIONS", "fit_prior"]

OPTIONS = component_options(["prior"])


def fit_prior(
    shell: Shell,
    run: Path,
    *,
    out: Path,
    epochs: int = 20,
    learning_rate: float = 3e-3,
    data_root: str | None = None,
    force: bool = False,
    **options: Any,
) -> None:
    """Fit another prior to the latents of RUN, and write the model as a new run.

    Encoder and decoder stay as they are. What the prior gains in nats the ELBO gains; samples
    come from where latents are. An autoencoder becomes a model that can be sampled.

    Arguments:
        out: Folder of the new run.
        epochs: Passes over the training data.
        learning_rate: Adam's step size at first; it falls to 0 on a cosine.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
        force: Replace a run that is already there.
    """
    from latentia.card import write_card
    from latentia.command._inputs import open_run
    from latentia.refit import refit
    from latentia.run import Run
    from latentia.session import reopen

    new = Run(out)
    if new.path.resolve() == Path(run).resolve():
        raise UsageError(
            "The new run would replace the one that it is made of.",
            where=f"--out {out}",
            how="Choose another folder.",
        )
    new.require_free(force=force)
    opened, model = open_run(shell, run)
    task = reopen(opened, root=data_root, device=shell.device).task
    named = {key.replace("__", "."): value for key, value in options.items() if value is not None}
    prior = gathered(named, ["prior"]).get("prior", "mixture")
    shell.say(f"fits      a prior to {len(task.train)} examples, chosen by {len(task.validation)}")
    found = refit(
        model.config_,
        model.model_,
        prior,
        task.train,
        task.validation,
        epochs=epochs,
        learning_rate=learning_rate,
        seed=shell.seed_or_zero,
    )
    new.create(found.config, force=force)
    new.save_model(found.model)
    new.append([found.row])
    write_card(new)
    bounds = model.model_.bounds_evidence and not model.model_.likelihood.cost
    numbers = _numbers(found.fit, bounds=bounds)
    shell.give(
        {"out": str(out), "prior": found.config.model.prior, **numbers},
        f"{out}: prior {found.config.model.prior['name']}, " + _text(numbers, epochs),
    )


def _numbers(fit: PriorFit, *, bounds: bool) -> dict[str, Any]:
    """Return what is told of a fit; of no prior, or of points, there is no bound that gains."""
    return {
        "before": fit.before if bounds else None,
        "after": fit.after,
        "gain": fit.after - fit.before if bounds else None,
        "best_epoch": fit.best_epoch,
    }


def _text(numbers: dict[str, Any], epochs: int) -> str:
    gain = numbers["gain"]
    gained = "" if gain is None else f", {gain:+.2f} against the prior before, and so is the ELBO"
    return (
        f"best after pass {numbers['best_epoch']} of {epochs}; E_q[log p(z)] is "
        f"{numbers['after']:.2f} nats on validation data{gained}"
    )
