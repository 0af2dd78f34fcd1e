"""JSON schemas of what stands in an answer: counts, words, numbers and lists of them."""

from __future__ import annotations

from typing import Any

from latentia.estimator.base import Estimator

__all__ = ["COUNT", "Spec", "examples", "listed", "one_of"]

Spec = dict[str, Any]
COUNT: Spec = {"type": "integer", "minimum": 1, "description": "How many rows there are."}


def listed(description: str, *sizes: int, is_optional: bool = False) -> Spec:
    """Return the schema of an entry for each row, null where a number is not finite.

    Arguments:
        description: What it is.
        sizes: The shape of one row's; a single number if none.
        is_optional: Whether null may stand for all of it.

    Example:
        >>> listed("Nats.")["items"]
        {'type': ['number', 'null']}
    """
    row: Spec = {"type": ["number", "null"]}
    for size in reversed(sizes):
        row = {"type": "array", "minItems": size, "maxItems": size, "items": row}
    kind: Any = ["array", "null"] if is_optional else "array"
    return {"type": kind, "items": row, "description": description}


def examples(model: Estimator, description: str) -> dict[str, Spec]:
    """Return the schemas of what `examples_told` tells of a model's examples.

    Arguments:
        model: The model.
        description: What they are.
    """
    columns, shape = model.schema_.columns, model.schema_.shape
    named: Spec = {
        "type": "array",
        "items": {"enum": list(columns)},
        "description": "The columns of x, in their order.",
    }
    x = listed(description, *shape)
    return {"n": COUNT, **({"columns": named} if columns else {}), "x": x}


def one_of(words: tuple[str, ...], description: str) -> Spec:
    """Return the schema of a word among several."""
    return {"enum": list(words), "description": description}
