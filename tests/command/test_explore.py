"""`latentia explore`: what it refuses before it listens, and what it says when it does."""

import sys
from pathlib import Path

import pytest

from latentia.app.server import Server
from latentia.explorer import page


@pytest.fixture
def listened(monkeypatch, tmp_path):
    """Let the page be there, the server be announced and not run, and no browser be opened."""
    seen = {"apps": [], "opened": []}
    built = tmp_path / "page"
    built.mkdir()
    (built / "index.html").write_text("<!doctype html>")

    def run(server, sockets):
        seen["apps"].append((server.config.app, sockets[0].getsockname()))
        server.started = True
        server._begun()

    monkeypatch.setattr(Server, "run", run)
    monkeypatch.setattr(page, "PAGE", built)
    monkeypatch.setattr("webbrowser.open", seen["opened"].append)
    return seen


def test_it_says_where_it_is_and_opens_it(latentia, table_run, listened):
    said = latentia("explore", table_run, "--port", 0)
    assert said.code == 0, said.err
    (_, (host, port)) = listened["apps"][0]
    assert host == "127.0.0.1"
    assert said.out.startswith(f"http://127.0.0.1:{port} shows ")
    assert listened["opened"] == [f"http://127.0.0.1:{port}"]
    found = latentia("explore", table_run, "--port", 0, "--no-browser", "--json").json
    assert found["url"].startswith("http://127.0.0.1:") and len(listened["opened"]) == 1


def test_it_takes_other_data_and_fewer_examples(latentia, table_run, table_path, listened):
    said = latentia("explore", table_run, "--port", 0, "--data", table_path, "--limit", 7)
    assert said.code == 0, said.err
    assert "the first 7 of 80 examples are shown" in said.err


def test_without_the_data_it_goes_on_and_says_so(latentia, inked_run, listened, tmp_path):
    import json
    import shutil

    run = tmp_path / "moved"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    config["data"]["request"] = str(tmp_path / "gone.npy")
    (run / "config.json").write_text(json.dumps(config))
    said = latentia("explore", run, "--port", 0)
    assert said.code == 0 and "without examples" in said.err
    assert str(tmp_path / "gone.npy") in said.err
    assert f"latentia explore {run} --data FILE" in said.err
    said = latentia("explore", run, "--port", 0, "--data", tmp_path / "gone.npy")
    assert said.code == 3 and "Traceback" not in said.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--port", 70000), 2, "no port 70000"),
        (("--limit", 0), 2, "At least one example"),
        (("--split", "tset"), 2, "tset"),
    ],
)
def test_what_cannot_be(latentia, table_run, listened, options, code, words):
    said = latentia("explore", table_run, "--port", 0, *options)
    assert said.code == code and words in said.err
    assert "Traceback" not in said.err and not listened["apps"]


def test_others_are_shown_beside_it(latentia, inked_run, point_run, listened):
    beside = ("--with", point_run, "--with", inked_run)
    said = latentia("explore", inked_run, *beside, "--port", 0, "--no-browser")
    assert said.code == 0, said.err


def test_it_says_how_it_is_opened_again(inked_run, point_run, inked_path, monkeypatch):
    """From whatever folder, with all that was asked of it."""
    import shlex

    from latentia.command._explored import together
    from latentia.command._inputs import Asked
    from latentia.explorer.description import described
    from latentia.shell import Shell

    monkeypatch.chdir(inked_run.parent)
    runs, shell = [Path(inked_run.name), point_run], Shell(device="cpu", quiet=True)
    first, other = together(shell, runs, Asked(data=str(inked_path), split="all"), 7)
    told = described(first, [other])
    beside = ["--with", str(point_run), "--data", str(inked_path), "--limit", "7"]
    assert shlex.split(told["command"]) == ["latentia", "explore", str(inked_run), *beside]
    assert told["run"] == str(inked_run) and told["others"][0]["run"] == str(point_run)
    monkeypatch.chdir(inked_path.parent)
    (named,) = together(shell, [inked_run], Asked(data=inked_path.name))
    assert named.source == str(inked_path)
    (part,) = together(shell, [inked_run], Asked(split="train", data_root="sets"))
    root = str(inked_path.parent / "sets")
    rest = ["--split", "train", "--data-root", root]
    assert shlex.split(part.command) == ["latentia", "explore", str(inked_run), *rest]


def test_what_cannot_stand_beside_it(latentia, inked_run, table_run, table_path, listened):
    said = latentia("explore", inked_run, "--with", table_run, "--port", 0)
    assert said.code == 2 and "shape (3,)" in said.err and "(1, 6, 6)" in said.err
    assert f"--with {table_run}" in said.err and not listened["apps"]
    said = latentia("explore", inked_run, "--with", "nowhere", "--port", 0)
    assert said.code == 4 and "Traceback" not in said.err and not listened["apps"]


def test_other_examples_are_not_beside(latentia, inked_run, inked, tmp_path, listened):
    import numpy as np

    np.save(tmp_path / "turned.npy", inked[:, ::-1])
    small = ("--epochs", 1, "--network.hidden", 8, "--out", tmp_path / "run")
    assert latentia("train", tmp_path / "turned.npy", *small).code == 0
    beside = ("explore", inked_run, "--with", tmp_path / "run", "--port", 0)
    said = latentia(*beside)
    assert said.code == 2 and "other examples" in said.err and "--data" in said.err
    assert latentia(*beside, "--data", tmp_path / "turned.npy").code == 0


def test_no_run(latentia, tmp_path, listened):
    said = latentia("explore", tmp_path, "--port", 0)
    assert said.code == 4 and "no run here" in said.err


def test_without_the_page_it_says_how_it_is_built(latentia, table_run, monkeypatch, tmp_path):
    monkeypatch.setattr(page, "PAGE", tmp_path)
    said = latentia("explore", table_run, "--port", 0)
    assert said.code == 5 and "Node 20.19" in said.err and "Traceback" not in said.err


def test_without_the_extra_it_says_what_to_install(latentia, table_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = latentia("explore", table_run)
    assert said.code == 5
    assert "uvicorn" in said.err and "pip install 'latentia[explore]'" in said.err
