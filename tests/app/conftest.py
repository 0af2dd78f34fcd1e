"""Small trained runs behind the service, in this process."""

import threading

import pytest
from starlette.testclient import TestClient

from latentia.app.limits import Limits
from latentia.app.server import Server, bound, url_of
from latentia.app.service import Service
from latentia.estimator._load import load


@pytest.fixture
def serving():
    """Return a function from a run to a client of its service, in this process."""
    open_ones = []

    def serve(
        run, *, token=None, address="127.0.0.1", names=(), base="http://127.0.0.1", **limits
    ):
        service = Service(load(run, device="cpu"), Limits(**limits), token=token, name="small")
        client = TestClient(service.app(address, names), base_url=base)
        client.__enter__()
        open_ones.append(client)
        client.service = service
        return client

    yield serve
    for client in open_ones:
        client.__exit__(None, None, None)


@pytest.fixture
def table(serving, table_run):
    return serving(table_run)


@pytest.fixture
def inked_client(serving, inked_run):
    return serving(inked_run)


@pytest.fixture(scope="session")
def live():
    """Return a function from a run to the address of a server of it, in a thread."""
    started = []

    def start(run, **limits):
        service = Service(load(run, device="cpu"), Limits(**limits), name="small")
        listener, begun = bound("127.0.0.1", 0), threading.Event()
        server = Server(service, service.app(), begun.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        assert begun.wait(60)
        started.append((server, thread))
        return url_of(listener), service

    yield start
    for server, thread in started:
        server.should_exit = True
        thread.join(30)
