"""`lt.explore` and `lt.write_html`: a cell in a notebook, a server elsewhere, a file."""

import gzip
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import latentia as lt
from latentia.app.server import Server
from latentia.errors import MachineError, UsageError
from latentia.explorer import page, sharing, widget


@pytest.fixture(scope="module")
def vae(inked):
    return lt.VAE(2, network="linear", max_epochs=1, random_state=0).fit(inked)


@pytest.fixture(autouse=True)
def page_is_built(monkeypatch, built):
    monkeypatch.setattr(page, "PAGE", built)


@pytest.fixture
def notebook(monkeypatch):
    """Let a kernel run this, and anywidget be there: the parts of it that are used."""

    class Trait:
        def tag(self, **given):
            assert given == {"sync": True}
            return self

    class AnyWidget:
        def __init__(self, **traits):
            assert set(traits) <= set(vars(type(self)))
            self.__dict__.update(traits)

    ipython, any_, traits = map(ModuleType, ("IPython", "anywidget", "traitlets"))
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    any_.AnyWidget, traits.Bytes, traits.Int = AnyWidget, Trait, Trait
    for one in (ipython, any_, traits):
        monkeypatch.setitem(sys.modules, one.__name__, one)
    widget._cell.cache_clear()
    yield
    widget._cell.cache_clear()


def test_only_a_fitted_model_is_shown(tmp_path, says):
    for show in (lt.explore, lambda model: lt.write_html(model, tmp_path / "a.html")):
        with pytest.raises(NotFittedError):
            show(lt.VAE())
        with pytest.raises(UsageError) as caught:
            show("runs/mine")
        says(caught.value, "is a path", "lt.load('runs/mine')", "`latentia explore`")
        with pytest.raises(UsageError, match="not a dict"):
            show({})
    assert not (tmp_path / "a.html").exists()


def test_examples_of_nothing_are_none(vae, tmp_path, says):
    with pytest.raises(UsageError) as caught:
        lt.write_html(vae, tmp_path / "a.html", examples=100)
    says(caught.value, "no X", "examples=100", "Give X")
    assert not (tmp_path / "a.html").exists()


def test_in_a_notebook_a_cell_holds_the_page(notebook, vae, inked, tmp_path, blocks_of):
    cell = lt.explore(vae, inked, np.arange(len(inked)) % 3, examples=5, height=500)
    content = gzip.decompress(cell.page)
    blocks = blocks_of(content)[0]
    assert cell.height == 500 and cell._esm.is_file()
    assert len(np.frombuffer(blocks["array/label"], "<i4")) == 5
    written = lt.write_html(vae, tmp_path / "a.html", inked, np.arange(len(inked)) % 3, examples=5)
    assert (tmp_path / "a.html").read_bytes() == content and written == len(content)
    with pytest.raises(UsageError, match="already"):
        lt.write_html(vae, tmp_path / "a.html")


def test_a_cell_that_nobody_could_see(notebook, says):
    with pytest.raises(UsageError) as caught:
        widget.cell_of(b"", 10)
    says(caught.value, "10 pixels", "200 to 4000")


def test_a_notebook_without_the_extra_says_what_to_install(notebook, vae, monkeypatch, says):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MachineError) as caught:
        lt.explore(vae)
    says(caught.value, "anywidget", "pip install 'latentia[notebook]'")


def test_elsewhere_it_is_served_and_opened(vae, inked, monkeypatch, capsys):
    seen = {}

    def run(server, sockets):
        seen["address"] = sockets[0].getsockname()
        server.started = True
        server._begun()

    monkeypatch.setattr(Server, "run", run)
    monkeypatch.setattr("webbrowser.open", lambda url: seen.update(opened=url))
    assert lt.explore(vae, inked, port=0) is None
    host, port = seen["address"]
    assert host == "127.0.0.1" and seen["opened"] == f"http://127.0.0.1:{port}"
    assert f"http://127.0.0.1:{port}" in capsys.readouterr().out
    with pytest.raises(UsageError, match="no port 70000"):
        lt.explore(vae, port=70000)


def test_a_terminal_is_no_notebook(monkeypatch):
    assert not sharing.in_notebook()
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert not sharing.in_notebook()
    ipython.get_ipython = lambda: None
    assert not sharing.in_notebook()


def test_the_real_widget_sends_the_page_as_bytes():
    pytest.importorskip("anywidget")
    widget._cell.cache_clear()
    cell = widget.cell_of(b"<!doctype html>", 300)
    state = cell.get_state()
    assert gzip.decompress(bytes(state["page"])) == b"<!doctype html>" and state["height"] == 300
    assert "createObjectURL" in str(state["_esm"])
