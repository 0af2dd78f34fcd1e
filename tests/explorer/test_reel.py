"""A film in a file: what was taken comes back, and what cannot be read is told."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from latentia.errors import RunError
from latentia.estimator._load import load
from latentia.explorer.reel import Reel

DRAWN = np.random.default_rng(0).integers(0, 256, (4, 12, 6, 6), dtype=np.uint8)
EPOCHS = (0, 1, 2, 40)


@pytest.fixture
def schema(inked_run):
    return load(inked_run, device="cpu").schema_


@pytest.fixture
def reel(inked):
    frames = {epoch: frame.tobytes() for epoch, frame in zip(EPOCHS, DRAWN, strict=True)}
    return Reel(inked[:6], 6, frames)


def test_what_is_written_is_read(reel, schema, tmp_path):
    path = tmp_path / "film.safetensors"
    reel.write(path)
    found = Reel.read(path, schema)
    assert found.frames == reel.frames and found.epochs == list(EPOCHS)
    assert found.layout == {"examples": 6, "draws": 6, "height": 6, "width": 6}
    assert found.goes_on(reel) and not found.goes_on(Reel(reel.examples + 1, 6, {}))
    assert not found.goes_on(Reel(reel.examples, 0, {}))
    tensors = load_file(path)
    assert np.array_equal(tensors["frames"], DRAWN) and tensors["epochs"].tolist() == list(EPOCHS)
    assert path.stat().st_size < DRAWN.nbytes + 2000


def test_colours_and_a_model_without_draws(tmp_path, schema):
    examples = np.zeros((6, 6, 6, 3), np.uint8)
    reel = Reel(examples, 0, {3: bytes(range(216)) * 3})
    reel.write(tmp_path / "film")
    coloured = replace(schema, shape=(6, 6, 3), layout="hwc")
    found = Reel.read(tmp_path / "film", coloured)
    assert found.frames == reel.frames and found.layout["draws"] == 0
    with pytest.raises(RunError, match="another shape"):
        Reel.read(tmp_path / "film", schema)


def test_by_its_names(reel, inked):
    assert reel.named("examples") == inked[:6].tobytes()
    assert reel.named("40") == DRAWN[3].tobytes()
    for name in ("3", "-1", "x", "", "..", "9" * 5000):
        assert reel.named(name) is None


def test_where_none_was_taken_there_is_none(tmp_path, schema):
    assert Reel.read(tmp_path / "film.safetensors", schema) is None


def whole():
    return {
        "examples": np.zeros((6, 6, 6), np.uint8),
        "frames": np.zeros((2, 12, 6, 6), np.uint8),
        "epochs": np.array([0, 1], np.int32),
    }


def test_what_the_next_cases_spoil_is_read(tmp_path, schema):
    save_file(whole(), tmp_path / "film")
    assert Reel.read(tmp_path / "film", schema).epochs == [0, 1]


@pytest.mark.parametrize(
    ("name", "value", "says_so"),
    [
        ("frames", None, "frames"),
        ("epochs", np.array([1, 0], np.int32), "fit together"),
        ("epochs", np.array([0.0, 1.0], np.float32), "fit together"),
        ("epochs", np.array([0], np.int32), "fit together"),
        ("epochs", np.zeros((), np.int32), "no pictures"),
        ("frames", np.zeros((2, 5, 6, 6), np.uint8), "fit together"),
        ("frames", np.zeros((2, 12, 6, 5), np.uint8), "fit together"),
        ("frames", np.zeros((2, 12, 6, 6), np.float32), "fit together"),
        ("frames", np.zeros(2, np.uint8), "no pictures"),
        ("examples", np.zeros(6, np.uint8), "no pictures"),
    ],
)
def test_what_is_no_film_is_told(tmp_path, schema, says, name, value, says_so):
    arrays = {**whole(), name: value}
    save_file({k: v for k, v in arrays.items() if v is not None}, tmp_path / "film")
    with pytest.raises(RunError) as caught:
        Reel.read(tmp_path / "film", schema)
    says(caught.value, "film of the training cannot be read", says_so, "Delete the file")


@pytest.mark.parametrize("content", [b"", b"no film at all", b"\xff" * 64])
def test_a_broken_file_is_told(tmp_path, schema, says, content):
    (tmp_path / "film").write_bytes(content)
    with pytest.raises(RunError) as caught:
        Reel.read(tmp_path / "film", schema)
    says(caught.value, "film of the training cannot be read", str(tmp_path / "film"))


def test_of_what_is_no_picture_there_is_no_film(table_run, tmp_path):
    save_file(whole(), tmp_path / "film")
    with pytest.raises(RunError, match="another shape"):
        Reel.read(tmp_path / "film", load(table_run, device="cpu").schema_)
