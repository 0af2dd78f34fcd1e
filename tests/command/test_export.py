"""`latentia export --html`: what it says before and after, and what it refuses."""

import json
import shutil

import numpy as np
import pytest

from latentia.explorer import page, work
from latentia.portable import Written


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    """Let the page be there, and graphs be bytes: tests of the explorer write real ones."""
    built = tmp_path / "page"
    (built / "assets").mkdir(parents=True)
    (built / "single.html").write_text("<!doctype html><body></body>")
    (built / "assets" / "ort-wasm-simd-threaded.wasm").write_bytes(b"\0asm")
    monkeypatch.setattr(page, "PAGE", built)
    graphs = Written({"encoder": b"an encoder", "decoder": b"a decoder"}, {"opset": 20})
    monkeypatch.setattr(work, "written", lambda *given: graphs)


def test_the_size_is_told_before_and_after(latentia, inked_run, tmp_path):
    out = tmp_path / "out.html"
    said = latentia("export", inked_run, "--html", out, "--examples", 5)
    assert said.code == 0, said.err
    assert "examples  5 of 12, chosen at random" in said.err
    assert "MB: page 0.0, runtime 0.0, model 0.0, examples 0.0" in said.err
    assert said.out == f"{out}: {out.stat().st_size:,} bytes\n"
    again = latentia("export", inked_run, "--html", out, "--examples", 5, "--force", "--json").json
    assert again["size"] == sum(again["sizes"].values()) == out.stat().st_size
    assert again["examples"] == 5


def test_the_choice_is_the_seeds(latentia, inked_run, tmp_path):
    found = []
    for seed in (0, 0, 1):
        out = tmp_path / f"{len(found)}.html"
        latentia("export", inked_run, "--html", out, "--examples", 5, "--seed", seed)
        found.append(out.read_bytes())
    assert found[0] == found[1] != found[2]


def test_a_file_stays_where_it_is(latentia, inked_run, tmp_path):
    out = tmp_path / "out.html"
    out.write_text("mine")
    said = latentia("export", inked_run, "--html", out)
    assert said.code == 2 and "--force" in said.err and out.read_text() == "mine"


def test_no_data_are_read_where_none_are_wanted(latentia, inked_run, tmp_path):
    run = tmp_path / "moved"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    config["data"]["request"] = str(tmp_path / "gone.npy")
    (run / "config.json").write_text(json.dumps(config))
    out = tmp_path / "out.html"
    said = latentia("export", run, "--html", out, "--examples", 0)
    assert said.code == 0 and "examples  none" in said.err and "gone.npy" not in said.err
    said = latentia("export", run, "--html", out, "--force")
    assert said.code == 0 and "without examples" in said.err
    assert f"latentia export {run} --html {out} --data FILE" in said.err
    said = latentia("export", run, "--html", out, "--force", "--data", tmp_path / "gone.npy")
    assert said.code == 3 and "Traceback" not in said.err
    said = latentia("export", run, "--html", tmp_path / "other.html", "--examples", 3)
    assert said.code == 3 and "gone.npy" in said.err and "Traceback" not in said.err
    assert not (tmp_path / "other.html").exists()


def test_other_data_and_parts(latentia, inked_run, inked, tmp_path):
    np.save(tmp_path / "more.npy", inked[:9])
    out = tmp_path / "out.html"
    told = latentia("export", inked_run, "--html", out, "--data", tmp_path / "more.npy", "--json")
    assert told.json["examples"] == 9
    told = latentia("export", inked_run, "--html", out, "--split", "all", "--force", "--json")
    assert told.json["examples"] == len(inked)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ((), 2, "--html FILE"),
        (("--onnx", "OUT", "--examples", 3), 2, "add --html"),
        (("--html", "OUT", "--examples", -1), 2, "0 for none"),
        (("--html", "OUT", "--split", "tset"), 2, "tset"),
        (("--html", "none/OUT"), 5, "no such folder"),
    ],
)
def test_what_cannot_be(latentia, inked_run, tmp_path, options, code, words):
    given = [tmp_path / one if str(one).endswith("OUT") else one for one in options]
    said = latentia("export", inked_run, *given)
    assert said.code == code and words in said.err, said.err
    assert "Traceback" not in said.err and not (tmp_path / "OUT").exists()
    if code == 5:
        assert "examples " not in said.err  # before anything is read


def test_without_the_page_it_says_how_it_is_built(latentia, inked_run, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "PAGE", tmp_path)
    said = latentia("export", inked_run, "--html", tmp_path / "out.html")
    assert said.code == 5 and "npm run build" in said.err and "Traceback" not in said.err


def test_the_page_needs_no_server_of_its_own(tmp_path):
    """The extra `onnx` is enough: neither FastAPI nor Starlette is asked for."""
    import subprocess
    import sys

    code = (
        "import sys; sys.modules.update(dict.fromkeys(('fastapi', 'starlette', 'uvicorn')));"
        "import latentia.command.export, latentia.explorer.single, latentia.explorer.sharing"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
