"""What a page asks for, as the bytes that it gets: the same from a server and in a file.

JSON (`description`, `graphs`, `arrays`, `metrics`), graphs (`graph/decoder.onnx`), arrays
(`array/mean`: float32, int32 or uint8, little end first, C order), and small pictures, a thousand
in one PNG (`sheet/0.png`).
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from latentia.app.operation.base import Array, Arrays
from latentia.errors import LatentiaError
from latentia.explorer.description import NUMBERS
from latentia.explorer.plain import plain
from latentia.explorer.subject import Subject

__all__ = ["DRAWS", "as_json", "beside", "head", "packed", "told_of", "untold"]

DRAWS = 1000  # z ~ p(z), which a page picks from where it cannot draw


def beside(subject: Subject) -> Arrays:
    """Return what is known of every example beside what the model finds, by name."""
    found: Arrays = {"row": np.asarray(subject.rows).astype(np.int32)}
    if subject.y is not None:
        found["label"] = np.asarray(subject.y).astype(np.int32)
    if subject.c is not None:
        found["c"] = np.asarray(subject.c, np.float32)
    return {**found, **{f"column:{n}": values for n, values in subject.numeric.items()}}


def head(name: str, array: Array) -> dict[str, Any]:
    """Return what a page has to know of an array to read its bytes."""
    kind = "float32" if array.dtype.kind == "f" else "int32"
    unit = NUMBERS.get(name) or ("nats" if name == "kl_per_dim" else "")
    return {"name": name, "dtype": kind, "shape": list(array.shape), "unit": unit}


def packed(array: Array) -> bytes:
    """Return the bytes of an array: float32, int32 or uint8, little end first.

    Example:
        >>> packed(np.array([1, 2])).hex()
        '0100000002000000'
    """
    kinds = {"f": "<f4", "i": "<i4", "u": "<u1"}
    return np.ascontiguousarray(array, kinds[array.dtype.kind]).tobytes()


def told_of(found: Arrays) -> dict[str, Any]:
    """Return what a page is told of graphs (see `Graphs`): their names, and what they give."""
    names = [name.removesuffix(".onnx") for name in found if name.endswith(".onnx")]
    told = json.loads(found["described"].tobytes())
    return {**told, "graphs": names}


def untold(error: LatentiaError, subject: Subject) -> dict[str, Any]:
    """Return what a page is told where there are no graphs: why, and how wide z and c are."""
    width = sum(one.width for one in subject.model.schema_.conditions)
    z = {"latents": subject.model.latent_dim_, "conditions": width}
    return {"graphs": [], "why_not": {"what": error.what, "how": error.how}, "z": z}


def as_json(value: Any) -> bytes:
    """Return a value as the text of JSON, which knows no number that is not finite.

    Example:
        >>> as_json({"elbo": float("nan")})
        b'{"elbo": null}'
    """
    return json.dumps(plain(value), ensure_ascii=False).encode()
