"""What a page is told of a model and its examples, before it asks for any array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from latentia import picture
from latentia.comparable import apart, footing
from latentia.data import Schema
from latentia.design import Design
from latentia.explorer.subject import Subject

__all__ = ["NUMBERS", "configured", "described"]

# What each per-example number is and in which unit, in the order that a menu shows them.
NUMBERS = {
    "elbo": "nats",
    "reconstruction": "nats",
    "kl": "nats",
    "kl_of_class": "nats",
}


def described(
    subject: Subject, others: Sequence[Subject] = (), epoch: int | None = None
) -> dict[str, Any]:
    """Return what a page has to know of a run, as JSON can say it.

    Arguments:
        subject: The run with its examples.
        others: The runs that the same page shows beside it.
        epoch: Of which epoch's weights it is; None of the run's own.

    Returns:
        `name`, `run` (its folder, from wherever one is), the `command` that opens the page again,
        `latentia`, `estimator`, `latents`, `space` of z, the components `posterior`,
        `prior`, `likelihood` and `network`, what is `shown` of p(x|z) and in which `unit`, `x` and
        its `picture`, `conditions`, `examples` (or why there are none), the reported `numbers`
        (which are of the run's own weights), the `snapshots`' epochs, the `epoch`, and of the
        `others` name, path and what sets their numbers `apart` (see `comparable`), and of the
        `film` of its training the layout and the epochs, or None.
    """
    model, schema, config = subject.model, subject.model.schema_, subject.model.config_
    spine, design, film = model.model_, config.model, subject.film
    return {
        "name": subject.run.name,
        "run": _folder(subject),
        "command": subject.command,
        "latentia": config.latentia,
        "estimator": model.kind,
        "latents": model.latent_dim_,
        "groups": list(model.groups_),
        "space": spine.prior.space,
        "posterior": design.posterior,
        "prior": {**design.prior, "is_proper": spine.prior.is_proper},
        "likelihood": design.likelihood,
        "network": design.network,
        "objective": config.objective,
        "shown": list(spine.likelihood.shows),
        "unit": spine.likelihood.unit,
        "is_mass": spine.likelihood.is_mass,
        "class_is_latent": design.partly,
        "is_likelihood": not config.no_likelihood,
        "no_likelihood": config.no_likelihood,
        "x": _of_x(design, schema),
        "picture": _picture(subject),
        "sheets": subject.sheets,
        "conditions": [
            {"name": one.name, "classes": list(one.classes), "mean": one.mean, "std": one.std}
            for one in schema.conditions
        ],
        "examples": _examples(subject),
        "numbers": subject.run.evaluations() if epoch is None else {},
        "snapshots": [epoch for epoch, _ in subject.run.snapshots()],
        "best_epoch": _best(subject),
        "epoch": epoch,
        "others": [_other(subject, one) for one in others],
        "film": film and {**film.layout, "epochs": film.epochs},
    }


def _of_x(design: Design, schema: Schema) -> dict[str, Any]:
    return {
        "shape": list(design.x_shape),
        "kind": design.kind,
        "binarize": design.binarize,
        "columns": _columns(schema),
        "offset": [o for i, o in enumerate(schema.offset) if i not in schema.constant],
        "low": schema.low,
        "high": schema.high,
    }


def _examples(subject: Subject) -> dict[str, Any]:
    return {
        "data": subject.source,
        "split": subject.split,
        "count": subject.count,
        "total": subject.total,
        "labels": list(subject.labels),
        "has_labels": subject.y is not None,
        "missing": subject.missing,
        "fetch": subject.fetch,
        "columns": list(subject.numeric),
    }


def configured(subject: Subject) -> dict[str, Any]:
    """Return how a run was made, by the names of `config.json`.

    Arguments:
        subject: The run.

    Returns:
        `estimator`, `data` (which, and how divided), `model`, `objective`, `labelling`,
        `corruption`, `training` and `latentia`, which is the version.
    """
    left_out = {"format_version", "reasons", "no_likelihood", "diverged"}
    told = subject.model.config_.model_dump(mode="json", exclude=left_out)
    told["data"] = {k: v for k, v in told["data"].items() if k not in ("data_schema", "notes")}
    return told


def _other(first: Subject, other: Subject) -> dict[str, Any]:
    """Return what a page is told of a run beside the first."""
    mine, theirs = (footing(one.model.config_, one.split) for one in (first, other))
    return {"name": other.run.name, "run": _folder(other), "apart": apart(mine, theirs)}


def _folder(subject: Subject) -> str:
    """Return where a run is, so that what is copied from a page holds in any folder."""
    return str(subject.run.path.resolve()) if subject.run.path else ""


def _columns(schema: Schema) -> list[str]:
    """Return the names of the columns that the model sees; none of an image."""
    if schema.is_image:
        return []
    names = schema.columns or tuple(f"x{i}" for i in range(schema.shape[0]))
    return [name for i, name in enumerate(names) if i not in schema.constant]


def _picture(subject: Subject) -> dict[str, Any] | None:
    """Return how an example is shown as a picture, or None where it is none."""
    schema = subject.model.schema_
    if not schema.is_image or schema.model_shape[0] not in (1, 3):
        return None
    channels, height, width = schema.model_shape
    span = (schema.low, schema.high) if schema.kind == "real" else (0.0, 1.0)
    seen = subject.x[:500]
    if not len(seen):
        ink = channels == 1 and schema.contrast < 0.5
    elif schema.layout == "chw":
        ink = picture.tone(seen.transpose(0, 2, 3, 1), span, schema.contrast) == "gray_r"
    else:
        ink = picture.tone(np.asarray(seen), span, schema.contrast) == "gray_r"
    # What is ink in the dark is drawn as ink on the paper of the page.
    return {"channels": channels, "height": height, "width": width, "ink": ink, "span": span}


def _best(subject: Subject) -> int | None:
    """Return the epoch with the best validation ELBO, or None where none was measured."""
    rows = [row for row in subject.run.metrics() if row.get("split") == "validation"]
    known = [row for row in rows if isinstance(row.get("elbo"), int | float)]
    return max(known, key=lambda row: row["elbo"])["epoch"] if known else None
