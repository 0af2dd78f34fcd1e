"""Explorers of small trained runs, in this process."""

import base64
import gzip
import hashlib
import html
import pickle
import re

import pytest
from starlette.testclient import TestClient

from latentia import portable
from latentia.command._explored import explored
from latentia.command._inputs import Asked
from latentia.explorer import work
from latentia.explorer.explorer import Explorer
from latentia.shell import Shell

# Graphs that were written, by a hash of the model.
WRITTEN = {}


@pytest.fixture(scope="module", autouse=True)
def graphs_once():
    """Write the graphs of a model once, however many tests show it: each time takes seconds."""

    def once(model, config):
        weights = pickle.dumps([value.cpu().numpy() for value in model.state_dict().values()])
        key = hashlib.sha256(weights + config.model_dump_json().encode()).digest()
        if key not in WRITTEN:
            WRITTEN[key] = portable.written(model, config)
        model.cpu()
        return WRITTEN[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(work, "written", once)
        yield


@pytest.fixture(scope="session")
def subject_of():
    """Return a function from a run to what a page shows of it."""

    def make(run, data=None, split="test", limit=100_000):
        return explored(Shell(device="cpu", quiet=True), run, Asked(data, split), limit)

    return make


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Write what stands in for the built page, which a test of Python does without."""
    page = tmp_path_factory.mktemp("page")
    (page / "index.html").write_text("<!doctype html><title>A page</title>")
    (page / "module.js").write_text("export {};")
    (page / "code.wasm").write_bytes(b"\0asm")
    body = '<body><script>"</body>"</script><div id="app"></div></body>'
    (page / "single.html").write_text(f"<!doctype html><title>A page</title>{body}</html>")
    (page / "assets").mkdir()
    (page / "assets" / "ort-wasm-simd-threaded.wasm").write_bytes(b"\0asm of the runtime")
    return page


@pytest.fixture
def exploring(subject_of, built):
    """Return a function from a run, and others beside it, to a client of its explorer."""
    open_ones = []

    def explore(run, *others, **asked):
        first, *rest = (subject_of(one, **asked) for one in (run, *others))
        explorer = Explorer(first, others=rest, folder=built)
        client = TestClient(explorer.app(), base_url="http://127.0.0.1")
        client.__enter__()
        open_ones.append(client)
        client.explorer = explorer
        return client

    yield explore
    for client in open_ones:
        client.__exit__(None, None, None)


@pytest.fixture(scope="session")
def blocks_of():
    """Return a function from a single file to its blocks by name, and the names of uint8 ones."""
    pattern = rb'<script type="text/plain" id="latentia:([^"]*)"( data-dtype="uint8")?>([^<]*)<'

    def read(content):
        found = {}
        for name, levels, text in re.findall(pattern, content):
            plain = gzip.decompress(base64.b64decode(text, validate=True))
            found[html.unescape(name.decode())] = plain, bool(levels)
        return {name: one for name, (one, _) in found.items()}, {n for n in found if found[n][1]}

    return read
