"""A real process on a real port: under a flood, at a signal, and where it cannot start."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import httpx
import pytest

from latentia.app.server import address_of, bound, url_of
from latentia.errors import MachineError, UsageError

ROWS = {"x": [[10.0 + i / 10, 20.0, -1.0] for i in range(100)]}
SLOW = {**ROWS, "n_importance": 2000}


class Process:
    """`latentia serve` in a process of its own."""

    def __init__(self, run, *options):
        command = [sys.executable, "-m", "latentia", "serve", run, "--port", "0", "--json"]
        self.process = subprocess.Popen(
            [str(part) for part in (*command, *options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        lines = []
        while not lines or lines[-1] != "}\n":
            lines.append(self.process.stdout.readline())
            assert lines[-1], self.process.stderr.read()
        self.said = json.loads("".join(lines))
        self.url = self.said["url"]

    def metric(self, name):
        for line in httpx.get(f"{self.url}/metrics", timeout=30).text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[1])
        raise KeyError(name)

    def end(self):
        """Wait for the end, and return the exit code and what was said."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def start(table_run):
    begun = []

    def started(*options):
        begun.append(Process(table_run, *options))
        return begun[-1]

    yield started
    for one in begun:
        one.process.kill()
        one.process.communicate()


def until(true, seconds=30):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_signal_loses_nothing(start):
    served = start()
    answers = []

    def ask():
        answers.append(httpx.post(f"{served.url}/v1/score", json=SLOW, timeout=60).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    with httpx.Client(base_url=served.url, timeout=60) as waiting:
        waiting.get("/health")
        for thread in threads:
            thread.start()
        until(lambda: served.metric("latentia_requests_inside") == 8 or answers)
        inside = 8 - len(answers)
        served.process.send_signal(signal.SIGTERM)
        if inside > 4:  # else it may be over before anybody can look
            said = waiting.get("/ready")
            assert said.status_code == 503 and "stopping" in said.json()["detail"]
            try:
                assert waiting.post("/v1/sample", json={}).status_code == 503
            except httpx.TransportError:  # it was over in between
                until(lambda: len(answers) == 8, 1)
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 8
    code, _, err = served.end()
    assert code == 0 and "Traceback" not in err
    assert "everything that was accepted is answered" in err


def test_a_second_signal_ends_it_at_once(start):
    served = start("--deadline", 100)

    def ask():
        with suppress(httpx.HTTPError):  # most are cut off; the first may be answered
            httpx.post(f"{served.url}/v1/score", json=SLOW, timeout=60)

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    until(lambda: served.metric("latentia_requests_inside") > 15)
    served.process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    served.process.send_signal(signal.SIGINT)
    code, _, err = served.end()
    for thread in threads:
        thread.join(60)
    assert code in (130, 0)  # 0 where the machine was quicker than the second signal
    assert "Traceback" not in err


async def flood(url, rate, seconds):
    """Ask in an open loop: arrivals wait for no answer. Return (status, seconds) of each."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:

        async def ask():
            begun = time.monotonic()
            said = await client.post("/v1/score", json=SLOW)
            return said.status_code, time.monotonic() - begun, said.headers.get("retry-after")

        async def look():
            begun = time.monotonic()
            said = await client.get("/health")
            return said.status_code, time.monotonic() - begun, None

        asked, looked, begun = [], [], time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            while len(asked) < rate * now:
                asked.append(asyncio.ensure_future(ask()))
            looked.append(asyncio.ensure_future(look()))
            await asyncio.sleep(0.1)
        return await asyncio.gather(*asked), await asyncio.gather(*looked)


def test_three_times_its_capacity_is_rejected_fast_and_leaves_no_trace(start):
    served = start("--max-requests", 4)
    url = f"{served.url}/v1/score"
    httpx.post(url, json=SLOW, timeout=60)
    took = []
    for _ in range(8):
        begun = time.monotonic()
        assert httpx.post(url, json=SLOW, timeout=60).status_code == 200
        took.append(time.monotonic() - begun)
    seconds = min(took)  # a busy machine may be faster a moment later
    before = served.metric("process_resident_memory_bytes")
    # Enough requests that a queue without a bound would show.
    asked, looked = asyncio.run(flood(served.url, 3 / seconds, max(3.0, 20 * seconds)))
    statuses = [status for status, _, _ in asked]
    assert set(statuses) == {200, 429}
    assert statuses.count(429) >= len(asked) // 10
    assert all(int(after) >= 1 for status, _, after in asked if status == 429)
    assert {status for status, _, _ in looked} == {200}
    rejected = sorted(took for status, took, _ in asked if status == 429)
    served_in = sorted(took for status, took, _ in asked if status == 200)
    # Nobody waits longer than the queue is long; a rejection does not wait at all.
    assert rejected[len(rejected) // 2] < max(1.0, served_in[len(served_in) // 2])
    assert served.metric("latentia_requests_inside") == 0
    assert served.metric("process_resident_memory_bytes") - before < 100e6
    assert httpx.post(url, json=SLOW, timeout=60).status_code == 200
    assert httpx.get(f"{served.url}/ready", timeout=60).status_code == 200


def test_a_port_in_use(latentia, table_run):
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        said = latentia("serve", table_run, "--port", port)
    assert said.code == 5
    assert f"Port {port} is in use" in said.err and "--port 0" in said.err


def test_addresses_and_their_names():
    assert address_of("localhost") in ("127.0.0.1", "::1")
    with pytest.raises(UsageError, match="no host called"):
        address_of("no such host")
    with bound("127.0.0.1", 0) as listener:
        assert url_of(listener).startswith("http://127.0.0.1:")
    if socket.has_ipv6:
        try:
            listener = bound("::1", 0)
        except MachineError:  # a machine without it
            return
        with listener:
            assert url_of(listener).startswith("http://[::1]:")


def test_an_address_of_another_machine():
    with pytest.raises(MachineError, match="cannot be listened on"):
        bound("192.0.2.1", 0)  # kept free for examples
