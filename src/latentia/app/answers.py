"""Answers as the client would have them: JSON, .npy or a picture."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
from starlette.responses import Response

from latentia.app.arrays import as_npy
from latentia.app.bodies import JSON, NPY
from latentia.app.operation.base import Arrays, Operation
from latentia.app.problems import Refused
from latentia.data import Schema
from latentia.output import png_of

__all__ = ["NOTES", "PNG", "answer", "kinds_of", "wanted"]

Array = npt.NDArray[Any]
PNG = "image/png"
# The header that has the notes of an answer that is no JSON, in which there is no place for them.
NOTES = "X-Notes"


def kinds_of(operation: Operation, schema: Schema) -> tuple[str, ...]:
    """Return the media types that an operation's answer can have."""
    shown = operation.makes_examples and schema.is_image and schema.model_shape[0] in (1, 3, 4)
    return (JSON, NPY, PNG) if shown else (JSON, NPY)


def wanted(accept: str, kinds: tuple[str, ...]) -> str:
    """Return the media type that a client likes best of those there are.

    Arguments:
        accept: Its `Accept` header; empty for whatever comes first.
        kinds: What there is, our own favourite first.

    Raises:
        Refused: 406 if it likes none.

    Example:
        >>> wanted("image/*, application/json;q=0.5", ("application/json", "image/png"))
        'image/png'
    """
    if not accept.strip():
        return kinds[0]
    best, liked = kinds[0], 0.0
    for kind in kinds:
        quality = _quality(accept, kind)
        if quality > liked:
            best, liked = kind, quality
    if not liked:
        raise Refused(
            406,
            f"This answer cannot be sent as {accept.strip()[:100]}.",
            where="Accept",
            how=f"Accept one of: {', '.join(kinds)}.",
        )
    return best


def answer(
    operation: Operation, found: Arrays, told: dict[str, Any], kind: str, schema: Schema
) -> Response:
    """Return the response.

    Arguments:
        operation: What was done.
        found: What came of it.
        told: The same as an object.
        kind: One of `kinds_of`.
        schema: What the model's examples are.
    """
    notes = told.get("notes")
    beside = {NOTES: json.dumps(notes)} if notes else None  # which is ASCII, on one line
    if kind == NPY:
        return Response(as_npy(operation.array(found)), headers=beside, media_type=NPY)
    if kind == PNG:
        rows = 1 if operation.exactly else 0  # a way is one row
        shown = png_of(operation.array(found), schema, rows=rows)
        return Response(shown, headers=beside, media_type=PNG)
    text = json.dumps({name: _plain(value) for name, value in told.items()}, ensure_ascii=False)
    return Response(text, media_type=JSON)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: null for what is no finite number."""
    if not isinstance(value, np.ndarray):
        return value
    finite = np.isfinite(value)
    if not finite.all():
        value = value.astype(object)
        value[~finite] = None
    return value.tolist()


def _quality(accept: str, kind: str) -> float:
    """Return how much a media type is liked, 0 to 1: what names it more exactly counts."""
    found, exactness = 0.0, -1
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        exact = _exactness(name, kind)
        if exact > exactness:
            found, exactness = _weight(parameters), exact
    return found


def _exactness(pattern: str, kind: str) -> int:
    """Return 2 where a pattern names a type, 1 its family, 0 all types, -1 others."""
    if pattern == kind:
        return 2
    if pattern == f"{kind.split('/')[0]}/*":
        return 1
    return 0 if pattern == "*/*" else -1


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 0.0
    return 1.0
