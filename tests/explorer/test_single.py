"""The page as one file: what a server would answer, byte for byte, and nothing of the machine."""

import base64
import gzip
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentia import portable
from latentia.command._explored import together
from latentia.command._inputs import Asked
from latentia.errors import MachineError, RunError, UsageError
from latentia.explorer import work
from latentia.explorer.reel import Reel
from latentia.explorer.single import SingleFile, require_free, usual_examples, write_single
from latentia.shell import Shell

FEW = 7


@pytest.fixture(scope="module")
def subject(subject_of, inked_run):
    return subject_of(inked_run, split="all")


@pytest.fixture(scope="module")
def made(subject, built):
    return SingleFile.of(subject, FEW, built)


@pytest.fixture(scope="module")
def blocks(made, blocks_of):
    return blocks_of(made.content)[0]


def array(content, head):
    kind = {"float32": "<f4", "int32": "<i4"}[head["dtype"]]
    return np.frombuffer(content, kind).reshape(head["shape"])


def test_numbers_are_those_of_the_server(exploring, inked_run, blocks):
    client = exploring(inked_run, split="all")
    heads = {head["name"]: head for head in json.loads(blocks["arrays"])}
    served = {head["name"]: head for head in client.get("/page-data/arrays").json()}
    assert set(heads) == set(served)
    rows = array(blocks["array/row"], heads["row"])
    assert len(set(rows)) == FEW and list(rows) == sorted(rows) and rows[-1] >= FEW
    for name, head in heads.items():
        whole = array(client.get(f"/page-data/array/{name}").content, served[name])
        expected = whole if name == "prior" else whole[rows]
        assert np.array_equal(array(blocks[f"array/{name}"], head), expected), name
        assert head["unit"] == served[name]["unit"]


def test_graphs_are_those_of_the_server(exploring, inked_run, blocks):
    client = exploring(inked_run, split="all")
    assert json.loads(blocks["graphs"]) == client.get("/page-data/graphs").json()
    for name in ("encoder", "decoder"):
        assert blocks[f"graph/{name}.onnx"] == client.get(f"/page-data/graph/{name}.onnx").content
    assert json.loads(blocks["metrics"]) == client.get("/page-data/metrics").json()


def test_examples_are_those_of_the_server(exploring, inked_run, made, blocks, blocks_of, subject):
    client = exploring(inked_run, split="all")
    at = ",".join(map(str, np.frombuffer(blocks["array/row"], "<i4")))
    levels = blocks_of(made.content)[1]
    assert levels == {"examples", "drawn"}  # bytes and black or white: a quarter of the size
    for name, query in (("examples", ""), ("drawn", "&drawn=1")):
        x = np.frombuffer(client.get(f"/page-data/examples?at={at}{query}").content, "<f4")
        found = np.frombuffer(blocks[name], np.uint8) / 255
        assert np.array_equal(found.astype(np.float32), x)
    from latentia.explorer.sheets import sheet

    rows = np.frombuffer(blocks["array/row"], "<i4")
    assert blocks["sheet/0.png"] == sheet(subject.at(rows), 0)


def test_the_description_is_of_what_is_in_the_file(blocks, subject, inked_run):
    told = json.loads(blocks["description"])
    assert told["examples"]["count"] == FEW and told["examples"]["total"] == subject.total
    assert told["sheets"]["sheets"] == 1 and told["snapshots"] == []
    assert told["run"] == inked_run.name and told["examples"]["data"] == "inked.npy"


def test_the_runtime_is_in_it_and_the_page_around(blocks, made, built):
    assert blocks["wasm"] == b"\0asm of the runtime"
    template = (built / "single.html").read_bytes()
    start = template.rindex(b"</body>")
    assert made.content.startswith(template[:start]) and made.content.endswith(template[start:])


def test_the_sizes_are_all_of_it(made, built):
    assert sum(made.sizes.values()) == len(made.content)
    assert made.sizes["page"] == (built / "single.html").stat().st_size
    assert set(made.sizes) == {"page", "runtime", "model", "examples"}


def test_the_same_is_the_same_byte_for_byte(made, subject, built, monkeypatch):
    monkeypatch.setattr(work, "written", portable.written)  # anew
    assert SingleFile.of(subject, FEW, built) == made


def test_nothing_of_this_machine_is_in_it(blocks, inked_run, inked_path):
    import latentia

    for place in (inked_run.parent, inked_path.parent, Path(latentia.__file__).parent):
        for name, content in blocks.items():
            assert str(place).encode() not in content, name


@pytest.mark.parametrize("are_here", [True, False])
def test_no_path_is_in_its_bytes(
    inked_run, inked_path, built, blocks_of, tmp_path, monkeypatch, are_here
):
    """Neither where the run and its data are, nor where data that are gone were looked for."""
    unread(monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path / "sender"))
    run, data = tmp_path / "run", tmp_path / "rows.npy"
    shutil.copytree(inked_run, run)
    config = json.loads((run / "config.json").read_text())
    config["data"]["request"] = str(data)
    (run / "config.json").write_text(json.dumps(config))
    if are_here:
        shutil.copy(inked_path, data)
    (subject,) = together(Shell(device="cpu", quiet=True), [run], Asked())
    assert str(tmp_path) in subject.command and are_here == (subject.missing == "")
    made = SingleFile.of(subject, None, built)
    blocks = blocks_of(made.content)[0]
    assert json.loads(blocks["description"])["run"] == "run"
    for place in (tmp_path, inked_run.parent, inked_path.parent, Path.cwd()):
        for name, content in {**blocks, "": made.content}.items():
            assert str(place).encode() not in content, name


def test_without_examples_no_data_are_in_it(subject, built, blocks_of):
    made = SingleFile.of(subject, 0, built)
    blocks = blocks_of(made.content)[0]
    assert made.sizes["examples"] == 0 and made.examples == 0
    assert [head["name"] for head in json.loads(blocks["arrays"])] == ["prior"]
    assert set(blocks) == {
        *("wasm", "description", "graphs", "metrics", "arrays", "array/prior"),
        *("graph/encoder.onnx", "graph/decoder.onnx"),
    }
    assert "without examples" in json.loads(blocks["description"])["examples"]["missing"]


def test_real_numbers_stay_as_they_are(subject_of, table_run, built, blocks_of, monkeypatch):
    unread(monkeypatch)
    subject = subject_of(table_run)
    odd = 'a "quoted" <name>'
    subject = replace(subject, beside={odd: np.arange(subject.count)})
    blocks, levels = blocks_of(SingleFile.of(subject, 3, built).content)
    x = subject.model.plain(
        subject.x[np.isin(subject.rows, np.frombuffer(blocks["array/row"], "<i4"))]
    )
    assert not levels and "drawn" not in blocks and "sheet/0.png" not in blocks
    assert blocks["examples"] == x.numpy().tobytes()
    assert f"array/column:{odd}" in blocks


def unread(monkeypatch):
    """Let graphs be bytes, for writing real ones takes seconds."""
    from latentia.portable import Written

    stand_in = Written({"encoder": b"an encoder", "decoder": b"a decoder"}, {"opset": 20})
    monkeypatch.setattr(work, "written", lambda *given: stand_in)


def test_conditions_stand_beside_their_examples(
    subject_of, told_run, built, blocks_of, monkeypatch
):
    unread(monkeypatch)
    subject = subject_of(told_run)
    blocks = blocks_of(SingleFile.of(subject, 4, built).content)[0]
    rows = np.frombuffer(blocks["array/row"], "<i4")
    place = np.flatnonzero(np.isin(subject.rows, rows))
    assert np.array_equal(np.frombuffer(blocks["array/c"], "<f4"), subject.c[place].ravel())
    mean = subject.model.under(subject.c).transform(subject.x)[place]
    np.testing.assert_allclose(np.frombuffer(blocks["array/mean"], "<f4"), mean.ravel(), rtol=1e-5)


def test_as_many_examples_as_keep_it_small(subject):
    assert usual_examples(subject) == subject.count < 1000
    many = replace(subject, x=np.zeros((5000, 6, 6), np.uint8))
    assert usual_examples(many) == 1000
    assert usual_examples(replace(subject, x=subject.x[:0])) == 0


@pytest.mark.parametrize("examples", [-1, -100])
def test_fewer_than_none(subject, built, examples, monkeypatch, says):
    unread(monkeypatch)
    with pytest.raises(UsageError) as caught:
        SingleFile.of(subject, examples, built)
    says(caught.value, f"--examples {examples}", "0 for none")


def test_a_model_that_is_no_graph_says_where_it_can_be_seen(subject, built, monkeypatch, says):
    def refuse(*given):
        raise RunError("No numbers say all of it.", where="--onnx")

    monkeypatch.setattr(work, "written", refuse)
    with pytest.raises(RunError) as caught:
        SingleFile.of(subject, FEW, built)
    says(caught.value, "No numbers say all of it", "latentia explore")
    assert "--onnx" not in str(caught.value)


def test_a_page_that_was_not_built_says_how_it_is(subject, tmp_path, built, says):
    with pytest.raises(MachineError) as caught:
        SingleFile.of(subject, FEW, tmp_path)
    says(caught.value, "without the explorer's page", "npm run build")
    (tmp_path / "single.html").write_bytes((built / "single.html").read_bytes())
    with pytest.raises(MachineError) as caught:
        SingleFile.of(subject, FEW, tmp_path)
    says(caught.value, "0 runtimes", "npm run build")


def test_a_file_is_written_whole_and_replaced_only_by_force(tmp_path, made, monkeypatch, says):
    path = tmp_path / "out.html"
    assert write_single(made, path) == len(made.content) == path.stat().st_size
    assert path.read_bytes() == made.content
    path.write_text("another")
    with pytest.raises(UsageError) as caught:
        write_single(made, path)
    says(caught.value, "already", str(path), "--force")
    with pytest.raises(UsageError, match="folder"):
        write_single(made, tmp_path)
    with pytest.raises(MachineError) as caught:
        require_free(tmp_path / "none" / "out.html", force=False)
    says(caught.value, "no such folder", str(tmp_path / "none"))
    with monkeypatch.context() as patch, pytest.raises(MachineError, match="Permission denied"):
        patch.setattr("os.access", lambda *asked: False)
        require_free(tmp_path / "other.html", force=False)
    monkeypatch.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError(28, "No space")))
    with pytest.raises(MachineError, match="No space"):
        write_single(made, path, force=True)
    assert path.read_text() == "another" and [p.name for p in tmp_path.iterdir()] == ["out.html"]
    monkeypatch.undo()
    write_single(made, path, force=True)
    assert path.read_bytes() == made.content


def test_blocks_carry_no_time(made):
    first = made.content.split(b'id="latentia:wasm">')[1].split(b"<")[0]
    packed = base64.b64decode(first)
    assert packed[4:8] == bytes(4) and gzip.decompress(packed) == b"\0asm of the runtime"


def test_a_film_stays_with_its_run(subject, inked, built, blocks_of):
    """Its examples are others than those that were chosen for the file."""
    filmed = replace(subject, film=Reel(inked[:6], 6, {0: bytes(12 * 36)}))
    blocks = blocks_of(SingleFile.of(filmed, FEW, built).content)[0]
    assert json.loads(blocks["description"])["film"] is None
    assert not any(name.startswith("film") for name in blocks)
