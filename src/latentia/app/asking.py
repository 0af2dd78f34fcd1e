"""From the body and query of a request to the job that it is."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from starlette.datastructures import QueryParams
from torch import Tensor

from latentia.app.arrays import from_npy
from latentia.app.bodies import Body, as_object
from latentia.app.examples import Rows, brackets_of, examples_of, from_json, numbers_of
from latentia.app.images import from_image
from latentia.app.inverted import inverted
from latentia.app.limits import Limits
from latentia.app.operation.base import Operation, Options, checked
from latentia.app.worker import Job
from latentia.data._raw import Raw
from latentia.errors import LatentiaError, UsageError
from latentia.estimator._arrays import array_of, latents_of
from latentia.estimator._conditions import fitting
from latentia.estimator.base import Estimator
from latentia.options import said_condition

__all__ = ["Asked", "asked_for", "name_of_rows"]

Array = npt.NDArray[Any]
_NOTHING = np.empty(0, np.float32)


class Asked(NamedTuple):
    """What a request asks for.

    Arguments:
        job: The work that it is.
        notes: What was done to its examples.
    """

    job: Job
    notes: tuple[str, ...]


def asked_for(
    operation: Operation,
    model: Estimator,
    limits: Limits,
    body: Body,
    query: QueryParams,
    until: float,
) -> Asked:
    """Read a request whole, and refuse what cannot be before it waits.

    Arguments:
        operation: What is to be done.
        model: The model; nothing is computed by it here.
        limits: What may be asked for.
        body: The body.
        query: The options of a body that is no JSON.
        until: When the answer is of no use any more.

    Raises:
        LatentiaError: if something cannot be.
        Refused: if the body cannot be read.
    """
    options, given = _parts(operation, model, limits, body, query)
    rows = _rows(operation, model, limits, body, given)
    if operation.exactly is not None and len(rows.x) != operation.exactly:
        raise UsageError(
            f"{operation.exactly} rows are wanted here, and {len(rows.x)} were sent.",
            where=name_of_rows(operation),
            how=f"Send {operation.exactly}.",
        )
    count = operation.count(len(rows.x), options, limits)
    c = _conditions(model, options.condition, len(rows.x) or count, text=body.kind != "json")
    notes = rows.notes
    if operation.takes == "examples":
        notes += inverted(model, rows.x) + operation.notes(model, rows.x)
    return Asked(Job(operation, rows.x, c, options, until, count), notes)


def name_of_rows(operation: Operation) -> str:
    """Return the field of a JSON body that holds its rows; empty where it holds none."""
    return {"examples": "x", "latents": "z", "nothing": ""}[operation.takes]


def _parts(
    operation: Operation, model: Estimator, limits: Limits, body: Body, query: QueryParams
) -> tuple[Options, Any]:
    """Return the options, and what a JSON body has for rows."""
    if body.kind != "json":
        said = dict(query.multi_items())
        if len(said) < len(query.multi_items()):
            raise UsageError("An option is given twice.", where="the query", how="Give it once.")
        return checked(operation.options, said, text=True), None
    if query:
        raise UsageError(
            "Options stand in a JSON body, and not in the query.",
            where=", ".join(query.keys()),
            how="Put them into the object.",
        )
    shape = model.schema_.shape if operation.takes == "examples" else (model.latent_dim_,)
    name = name_of_rows(operation)
    found = as_object(body.content, brackets_of(shape, limits.rows), name)
    if name and name not in found:
        raise UsageError("There are no rows.", where=name, how=f'Send {{"{name}": [[...], ...]}}.')
    given = found.pop(name) if name else None
    return checked(operation.options, found, text=False), given


def _rows(operation: Operation, model: Estimator, limits: Limits, body: Body, given: Any) -> Rows:
    """Return the rows as the model takes them."""
    name = name_of_rows(operation)
    if not name:
        if body.kind not in ("json", "none"):
            raise UsageError("Nothing is read here but options.", how="Send them as JSON.")
        return Rows(_NOTHING, ())
    if body.kind == "none":
        raise UsageError("The body is empty.", where=name, how="Send rows as JSON or .npy.")
    if isinstance(given, list) and len(given) > limits.rows:
        raise UsageError(
            f"{len(given)} rows are more than {limits.rows}, the most of one request.",
            where=name,
            how="Send fewer at a time.",
        )
    if operation.takes == "latents":
        return Rows(_latents(model, limits, body, given), ())
    schema = model.schema_
    if body.kind == "json":
        return examples_of(from_json(given, schema), schema)
    if body.kind == "image":
        return examples_of(from_image(body.content, schema, limits.pixels), schema)
    return examples_of(Raw(from_npy(body.content, limits.rows)), schema)


def _latents(model: Estimator, limits: Limits, body: Body, given: Any) -> Array:
    if body.kind == "image":
        raise UsageError("Latents are no image.", where="z", how="Send numbers, as JSON or .npy.")
    z = numbers_of(given, "z") if body.kind == "json" else from_npy(body.content, limits.rows)
    with np.errstate(over="ignore"):  # what float32 cannot hold is told as infinite
        try:
            return array_of(latents_of(z, model.latent_dim_))
        except UsageError as error:
            where = error.where.replace("Z", "z", 1)
            how = "/v1/encode gives latents that fit."
            raise UsageError(error.what, where=where, how=how) from None


def _written(condition: str) -> Any:
    """Return the conditions of a query: a JSON list or object, or as on the command line."""
    if condition[:1] not in ("[", "{"):
        return said_condition(condition)
    try:
        return json.loads(condition)
    except (ValueError, RecursionError):
        raise UsageError(
            "This condition is not valid JSON.", where="condition", how="Send [7], or label=7."
        ) from None


def _conditions(model: Estimator, said: Any, rows: int, *, text: bool) -> Tensor | None:
    """Return conditions as numbers, for one row or for all.

    Raises:
        UsageError: if they cannot be, or a model of p(x|c) is told none.
    """
    known = [one.name for one in model.schema_.conditions]
    if text and isinstance(said, str):
        said = _written(said)
    if said is None:
        # Where the class is a latent, nothing need be said of it.
        if known and not model.model_.is_open:
            example = ", ".join(f'"{name}": ...' for name in known)
            raise UsageError(
                f"This is a model of p(x|c), and nothing says c: {', '.join(known)}.",
                where="condition",
                how=f'Say it: {{"condition": {{{example}}}}}.',
            )
        return None
    if not known:
        raise UsageError(
            "This is a model of p(x): it has no conditions.",
            where="condition",
            how="Leave `condition` out.",
        )
    for value in said.values() if isinstance(said, dict) else [said]:
        # Before they are as many numbers as there are classes
        if isinstance(value, list) and len(value) not in (1, rows):
            raise UsageError(
                f"There are conditions of {len(value)} examples, and {rows} are asked for.",
                where="condition",
                how="Say one for all of them, or one for each.",
            )
    try:
        c = model.given(said).condition_
    except LatentiaError:
        raise
    except (ValueError, TypeError, ArithmeticError, IndexError):
        raise UsageError(
            "This condition cannot be read.",
            where="condition",
            how="Send one value for each name.",
        ) from None
    return fitting(c, rows)
