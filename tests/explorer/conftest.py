"""Explorers of small trained runs, in this process."""

import pytest
from starlette.testclient import TestClient

from latentia.command._explored import explored
from latentia.command._inputs import Asked
from latentia.explorer.explorer import Explorer
from latentia.shell import Shell


@pytest.fixture(scope="session")
def subject_of():
    """Return a function from a run to what a page shows of it."""

    def make(run, data=None, split="test", limit=100_000):
        return explored(Shell(device="cpu", quiet=True), run, Asked(data, split), limit)

    return make


@pytest.fixture
def exploring(subject_of, tmp_path):
    """Return a function from a run to a client of its explorer."""
    open_ones = []
    page = tmp_path / "page"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html><title>A page</title>")
    (page / "module.js").write_text("export {};")
    (page / "code.wasm").write_bytes(b"\0asm")

    def explore(run, **asked):
        explorer = Explorer(subject_of(run, **asked), folder=page)
        client = TestClient(explorer.app(), base_url="http://127.0.0.1")
        client.__enter__()
        open_ones.append(client)
        client.explorer = explorer
        return client

    yield explore
    for client in open_ones:
        client.__exit__(None, None, None)
