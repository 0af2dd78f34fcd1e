"""Bodies are counted while they come, and JSON is what JSON is."""

import asyncio

import pytest

from latentia.app.bodies import Body, as_object, received
from latentia.app.gate import Gate
from latentia.app.limits import Limits
from latentia.app.problems import Refused

LIMITS = Limits(size=1000)


def receive(headers, *chunks):
    """Return the body, and how many chunks were taken."""
    taken = []

    async def stream():
        for chunk in chunks:
            taken.append(chunk)
            yield chunk

    async def run():
        gate = Gate(LIMITS)
        with gate.enter() as ticket:
            body = await received(headers, stream(), LIMITS, ticket)
            assert gate.size == len(body.content)
        assert gate.size == 0
        return body

    return asyncio.run(run()), taken


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("application/json; charset=utf-8", "json"),
        ("Application/X-NPY", "npy"),
        ("image/png", "image"),
        ("image/jpeg", "image"),
    ],
)
def test_a_body_is_what_it_says(kind, known):
    body, _ = receive({"content-type": kind}, b"ab", b"c")
    assert body == Body(known, b"abc")


def test_nothing_is_nothing():
    assert receive({}, b"")[0].kind == "none"
    assert receive({"content-type": "application/json"})[0].kind == "none"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_other_bodies_are_not_read(headers):
    with pytest.raises(Refused) as caught:
        receive(headers, b"{}")
    assert caught.value.status == 415


def test_a_body_that_says_that_it_is_too_large_is_not_begun():
    taken = []

    async def stream():
        taken.append(1)
        yield b"x"

    async def run():
        headers = {"content-length": "1001"}
        with Gate(LIMITS).enter() as ticket:
            await received(headers, stream(), LIMITS, ticket)

    with pytest.raises(Refused) as caught:
        asyncio.run(run())
    assert caught.value.status == 413 and not taken


def test_a_body_that_does_not_say_is_stopped_on_the_way():
    taken = []

    async def stream():
        for _ in range(1000):
            taken.append(1)
            yield b"x" * 100

    async def run():
        with Gate(LIMITS).enter() as ticket:
            await received({"content-length": "5"}, stream(), LIMITS, ticket)

    with pytest.raises(Refused) as caught:
        asyncio.run(run())
    assert caught.value.status == 413 and len(taken) == 11


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"x": NaN}', "NaN is not a JSON number"),
        (b'{"x": -Infinity}', "Infinity is not a JSON number"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe{}", "not valid JSON"),
        (b"[1]", "not an object"),
        (b'"x"', "not an object"),
        (b'{"x":' + b"1" * 5000 + b"}", "not valid JSON"),
    ],
)
def test_what_is_no_object(content, words):
    with pytest.raises(Refused, match=words) as caught:
        as_object(content, 100)
    assert caught.value.status == 400


def test_lists_are_counted_before_they_take_memory():
    with pytest.raises(Refused) as caught:
        as_object(b'{"x": [' + b"[]," * 1000 + b"[]]}", 900)
    assert caught.value.status == 422 and caught.value.where == "the body"
    with pytest.raises(Refused) as caught:
        as_object(b'{"z": [' + b"[]," * 1000 + b"[]]}", 900, "z")
    assert caught.value.where == "z"
    assert len(as_object(b'{"x": [' + b"[]," * 1000 + b"[]]}", 1100)["x"]) == 1001


def test_nesting_without_end_is_no_crash():
    with pytest.raises(Refused) as caught:
        as_object(b'{"x":' + b"[" * 200_000, 10**6)
    assert caught.value.status == 400
