"""In by the gate, through the queue, out by the deadline, and given back whatever happens."""

import asyncio
import threading
import time

import httpx
import pytest

from latentia.app.limits import Limits
from latentia.app.service import Service
from latentia.estimator._load import load

ROW = {"x": [[10.0, 20.0, -1.0]]}


@pytest.fixture
def held(table, monkeypatch):
    """Return a service whose model works only once the event is set, and a way to wait for it."""
    go, inside = threading.Event(), threading.Event()
    real = type(table.service.worker.model).moments

    def slow(model, x):
        inside.set()
        assert go.wait(30)
        return real(model, x)

    monkeypatch.setattr(type(table.service.worker.model), "moments", slow)
    yield table, go, inside
    go.set()


def in_background(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_deadline_that_passes_is_a_504_and_the_service_goes_on(held):
    client, go, inside = held
    said = client.post("/v1/encode", json=ROW, headers={"X-Deadline": "1"})
    assert said.status_code == 504 and "X-Deadline" in said.json()["how"]
    assert inside.is_set()
    # The one behind it is dropped from the queue, not worked on for nobody.
    assert client.post("/v1/encode", json=ROW, headers={"X-Deadline": "1"}).status_code == 504
    assert client.service.worker.waiting == 0
    assert client.service.gate.requests == 0 and client.service.gate.rows == 0
    go.set()
    assert client.post("/v1/encode", json=ROW).status_code == 200


@pytest.mark.parametrize("given", ["0", "0.5", "-1", "soon", "nan", "inf", ""])
def test_a_deadline_is_a_number_of_seconds(table, given):
    said = table.post("/v1/encode", json=ROW, headers={"X-Deadline": given})
    assert said.status_code == 422 and said.json()["where"] == "X-Deadline"


def test_nobody_waits_longer_than_the_service_allows(serving, table_run, monkeypatch):
    client = serving(table_run, deadline=0.3)
    model = type(client.service.worker.model)
    real = model.moments
    monkeypatch.setattr(model, "moments", lambda m, x: (time.sleep(1), real(m, x))[1])
    said = client.post("/v1/encode", json=ROW, headers={"X-Deadline": "1000"})
    assert said.status_code == 504


def test_health_answers_while_the_model_works_and_the_full_house_says_429(held):
    client, go, inside = held
    gate = client.service.gate
    thread, found = in_background(lambda: client.post("/v1/encode", json=ROW))
    assert inside.wait(20)
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 200
    gate.requests += gate.limits.requests - 1  # as if others were there
    said = client.post("/v1/encode", json=ROW)
    assert said.status_code == 429 and int(said.headers["retry-after"]) >= 1
    assert said.json()["detail"]
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200
    gate.requests -= gate.limits.requests - 1
    go.set()
    thread.join(30)
    assert found[0].status_code == 200


def test_rows_of_all_requests_are_bounded(held):
    client, go, inside = held
    thread, found = in_background(lambda: client.post("/v1/encode", json=ROW))
    assert inside.wait(20)
    client.service.gate.rows += client.service.limits.rows_together - 1
    said = client.post("/v1/encode", json=ROW)
    assert said.status_code == 429 and "rows" in said.json()["detail"]
    client.service.gate.rows -= client.service.limits.rows_together - 1
    go.set()
    thread.join(30)
    assert found[0].status_code == 200


def test_a_client_that_leaves_takes_its_work_along(table_run):
    """Over ASGI itself: the test client knows no leaving."""

    async def run():
        service = Service(load(table_run, device="cpu"), Limits(), name="t")
        app = service.app()
        sent, gone = [], asyncio.Event()
        body = [{"type": "http.request", "body": b'{"x": [[1, 2, 3]]}', "more_body": False}]

        async def receive():
            if body:
                return body.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            **{"type": "http", "method": "POST", "path": "/v1/encode", "query_string": b""},
            **{"http_version": "1.1", "scheme": "http", "client": None, "server": None},
            "asgi": {"version": "3.0"},
            "root_path": "",
            "raw_path": b"/v1/encode",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        }
        # The worker is not started: what is submitted waits.
        asked = asyncio.ensure_future(app(scope, receive, send))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if service.worker.waiting:
                break
        assert service.worker.waiting == 1 and service.gate.rows == 1
        gone.set()
        await asyncio.wait_for(asked, 10)
        assert service.worker.waiting == 0 and service.gate.requests == 0
        assert sent[0]["status"] == 499

    asyncio.run(run())


def test_a_body_that_does_not_come_is_a_408(table_run):
    async def run():
        service = Service(load(table_run, device="cpu"), Limits(deadline=0.3), name="t")
        transport = httpx.ASGITransport(app=service.app())

        async def slow():
            yield b'{"x":'
            await asyncio.sleep(30)

        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            header = {"content-type": "application/json"}
            said = await client.post("/v1/encode", content=slow(), headers=header)
        assert said.status_code == 408 and said.headers["connection"] == "close"
        assert service.gate.requests == 0 and service.gate.size == 0

    asyncio.run(run())


def test_a_score_is_given_up_on_the_way(serving, inked_run, inked, monkeypatch):
    """Between its pieces the worker looks whether anybody still waits."""
    from latentia.evidence.importance import ImportanceSampling

    client = serving(inked_run)
    pieces = []
    real = ImportanceSampling.__call__

    def slow(self, model, x):
        pieces.append(len(x))
        time.sleep(0.3)
        return real(self, model, x)

    monkeypatch.setattr(ImportanceSampling, "__call__", slow)
    monkeypatch.setattr(ImportanceSampling, "rows", 1)
    asked = {"x": inked[:100].tolist(), "n_importance": 2000}
    said = client.post("/v1/score", json=asked, headers={"X-Deadline": "1"})
    assert said.status_code == 504
    until(lambda: client.service.worker.busy_for == 0)
    assert len(pieces) < 100 // 2
