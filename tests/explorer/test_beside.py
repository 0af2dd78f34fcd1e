"""A server beside work: it answers while the main thread is busy, and goes when it is told."""

import socket
import threading
import time
import urllib.request

import pytest

from latentia.app.server import bound, url_of
from latentia.explorer.beside import Beside


async def slow(scope, receive, send):
    """Answer in two parts, the second of which never comes."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": threading.current_thread().name.encode()})


def test_it_answers_from_its_own_thread_until_it_is_stopped():
    listener = bound("127.0.0.1", 0)
    url, port = url_of(listener), listener.getsockname()[1]
    server = Beside(hello, listener)
    server.start()
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.read() == b"latentia-page"
    server.stop()
    assert "latentia-page" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        pass


def test_an_answer_without_end_does_not_hold_it_up():
    listener = bound("127.0.0.1", 0)
    server = Beside(slow, listener)
    server.start()
    with urllib.request.urlopen(url_of(listener), timeout=10) as answer:
        assert answer.read(1) == b"a"
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
