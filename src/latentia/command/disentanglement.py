"""Measure how the latents of a run follow the known factors of its data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from latentia.errors import DataError, UsageError
from latentia.shell import Shell

if TYPE_CHECKING:
    from latentia.command._inputs import Examples
    from latentia.estimator.base import Estimator
    from latentia.evaluation.disentanglement import Disentanglement
    from latentia.evaluation.factors import Factors

__all__ = ["disentanglement"]


def disentanglement(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    split: Literal["all", "test", "validation", "train"] = "all",
    limit: int | None = None,
    condition: str | None = None,
    data_root: str | None = None,
) -> None:
    """Measure how the latents of RUN follow the factors that its data (or DATA) were made of.

    MIG, DCI, SAP and the FactorVAE score, and what each latent tells of each factor in nats. Only
    data whose factors are known can say it: `latentia train sprites`. What a model of p(x|c) is
    told is no factor of its latents. Numbers of the run's own data, whole and under its own
    conditions, are kept in RUN and its model card.

    Arguments:
        data_: DATA, as an option: other data, by name or path; used whole.
        split: Part of the run's own data; all of them, for no factor was trained on.
        limit: Only the first so many examples.
        condition: NAME=VALUE,NAME=VALUE, of a model of p(x|c): only the examples under it (of
            numbers the nearest twentieth) are measured, all if the data do not say which are;
            else every example under its own.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if limit is not None and limit < 1:
        raise UsageError(
            "There is no limit of 0 examples or fewer.",
            where=f"--limit {limit}",
            how="Use 1 or more, and no --limit for all examples.",
        )
    from latentia.command._inputs import Asked, alone, examples, open_run, under
    from latentia.command._kept import kept
    from latentia.evaluation.disentanglement import disentanglement as measure

    asked = Asked.either(data, data_, split, data_root)
    opened, model = open_run(shell, run)
    found = examples(shell, opened, asked)
    if condition is not None:
        model, found = alone(model, found, condition)
    found = found.first(limit)
    factors = _factors(model, found)
    model = model if condition is not None else under(model, found, None)
    if model.model_.is_open:
        raise UsageError(
            "The class is a latent of this model, and its other latents have a meaning under it.",
            where="latentia disentanglement",
            how="Measure under one class (--condition NAME=VALUE), or a model that is told all.",
        )
    shell.say(f"measuring {len(found.x)} examples against {', '.join(factors.names)}")
    measured = measure(model.model_, model.examples(found.x), factors, seed=shell.seed_or_zero)
    numbers = {
        **_numbers(measured),
        "data": found.name,
        "split": found.split,
        "condition": condition,
        "notes": list(found.notes),
        "run": str(run),
        "seed": shell.seed_or_zero,
    }
    shell.give(numbers, _text(numbers))
    if limit is None and asked.data is None and condition is None:
        with kept(opened):
            numbers = numbers | {"n": numbers["n_examples"]}
            opened.save_measured(f"disentanglement-{asked.split}", numbers)


def _factors(model: Estimator, found: Examples) -> Factors:
    """Return the factors of the examples that the model is not told.

    Raises:
        DataError: if there are none.
    """
    from latentia.evaluation.factors import Factors

    left = found.factors(model)
    if found.beside and not left:
        told = ", ".join(condition.name for condition in model.schema_.conditions)
        raise DataError(
            "The model is told all that is known of these data, so no latent need follow it.",
            where=f"{found.name}: {told}",
            how="Train without --condition.",
        )
    try:
        return Factors.of(left)
    except DataError as error:
        where = f"{found.name}, {error.where}" if error.where else found.name
        raise DataError(error.what, where=where, how=error.how) from None


def _numbers(found: Disentanglement) -> dict[str, Any]:
    """Return what was measured as JSON knows it."""
    dci = found.dci
    names = list(found.factors)
    return {
        "mig": found.mig,
        "mig_binned": found.mig_binned,
        "dci_disentanglement": dci.disentanglement,
        "dci_completeness": dci.completeness,
        "dci_informativeness": dci.informativeness,
        "sap": found.sap,
        "factor_vae": found.factor_vae,
        "active_units": found.active_units,
        "n_examples": found.n_examples,
        "factors": dict(zip(names, found.entropy.tolist(), strict=True)),
        "information": None if found.information is None else found.information.tolist(),
        "information_binned": found.information_binned.tolist(),
        "importance": dci.importance.tolist(),
    }


def _text(found: dict[str, Any]) -> str:
    told = found["information"] or found["information_binned"]
    mig = "-" if found["mig"] is None else f"{found['mig']:.3f}"
    lines = [
        f"{found['data']}, {found['split']}: {found['n_examples']} examples"
        + (f" under {found['condition']}" if found["condition"] else "")
        + f", {found['active_units']} of {len(told)} latents active",
        f"  MIG              {mig:>7}  of z ~ q(z|x); {found['mig_binned']:.3f} of means in bins",
        f"  DCI              {found['dci_disentanglement']:7.3f}  disentanglement, "
        f"{found['dci_completeness']:.3f} completeness, "
        f"{found['dci_informativeness']:.3f} informativeness",
        f"  SAP              {found['sap']:7.3f}",
        f"  FactorVAE score  {found['factor_vae']:7.3f}  "
        f"by chance {1 / len(found['factors']):.3f}",
        "nats that a latent tells of a factor" + (", in bins" if not found["information"] else ""),
        _row("", found["factors"]),
    ]
    lines += [
        _row(f"z{d}", [f"{round(nats, 2) + 0.0:.2f}" for nats in row])
        for d, row in enumerate(told)
    ]
    lines.append(_row("entropy", [f"{nats:.2f}" for nats in found["factors"].values()]))
    return "\n".join(lines)


def _row(name: str, cells: Any) -> str:
    return f"  {name:<8}" + "".join(f"{cell:>12}" for cell in cells)
