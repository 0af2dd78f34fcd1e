"""Bodies of requests: counted while they are read, and known by their type."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal, NamedTuple, NoReturn

from latentia.app.gate import Ticket
from latentia.app.limits import Limits
from latentia.app.problems import Refused

__all__ = ["IMAGES", "JSON", "NPY", "Body", "as_object", "received"]

JSON, NPY, IMAGES = "application/json", "application/x-npy", ("image/png", "image/jpeg")
_MAY = f"Send {JSON}, {NPY} or, to a model of images, {' or '.join(IMAGES)}."


class Body(NamedTuple):
    """What a request brought.

    Arguments:
        kind: What it says that it is; `none` where it is empty.
        content: Its bytes.
    """

    kind: Literal["json", "npy", "image", "none"]
    content: bytes


async def received(
    headers: Mapping[str, str], chunks: AsyncIterator[bytes], limits: Limits, ticket: Ticket
) -> Body:
    """Read a body, as far as it is not too large.

    Arguments:
        headers: The request's headers.
        chunks: Its bytes as they come.
        limits: How many there may be.
        ticket: What counts them among those of all requests.

    Raises:
        Refused: 413 where they are too many, 415 where nobody here reads such a thing.
    """
    said = headers.get("content-length", "")
    if said.isdecimal() and int(said) > limits.size:
        raise _too_large(limits)
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(
            415, "Compressed bodies are not read.", where="Content-Encoding", how="Send it plain."
        )
    content = bytearray()
    async for chunk in chunks:
        if len(content) + len(chunk) > limits.size:
            raise _too_large(limits)
        ticket.hold_bytes(len(chunk))
        content += chunk
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return _typed(kind, bytes(content))


def as_object(content: bytes, brackets: int, name: str = "") -> dict[str, Any]:
    """Return a JSON object.

    Arguments:
        content: Its text, UTF-8.
        brackets: How many lists and objects there may be in it, which is looked at first: an
            empty list takes two bytes of text, and fifty of memory.
        name: The field that holds the rows, if there is one.

    Raises:
        Refused: 400 if it is none, 422 if it holds too many lists.
    """
    if content.count(b"[") + content.count(b"{") > brackets:
        raise Refused(
            422,
            f"The body holds more than {brackets} lists, which no request needs.",
            where=name or "the body",
            how="Send fewer rows at a time; /v1/model says how many."
            if name
            else "Send options only, each a single value.",
        )
    try:
        found = json.loads(content.decode("utf8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        # Of the text itself nothing is told again.
        why = "it nests too deeply" if isinstance(error, RecursionError) else str(error)
        raise Refused(
            400,
            f"The body is not valid JSON: {why.splitlines()[0]}.",
            where="the body",
            how=f"Send a JSON object, such as {_example(name)}.",
        ) from None
    if not isinstance(found, dict):
        raise Refused(
            400,
            "The body is JSON, but not an object.",
            where="the body",
            how=f"Send one, such as {_example(name)}.",
        )
    return found


def _example(name: str) -> str:
    return f'{{"{name}": [[0.5, 1.0]]}}' if name else '{"n": 3}'


def _typed(kind: str, content: bytes) -> Body:
    if not content and kind in ("", JSON):
        return Body("none", content)
    if kind == JSON:
        return Body("json", content)
    if kind == NPY:
        return Body("npy", content)
    if kind in IMAGES:
        return Body("image", content)
    what = f"Bodies of type {kind!r} are not read." if kind else "The body does not say its type."
    raise Refused(415, what, where="Content-Type", how=_MAY)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number; null stands for a missing cell")


def _too_large(limits: Limits) -> Refused:
    return Refused(
        413,
        f"The body has more than {limits.size} bytes.",
        how="Send fewer rows at a time, or uint8 as application/x-npy.",
    )
