"""All of an array is looked at, a part at a time, and what is on the disk stays there."""

import numpy as np
import pytest

import latentia as lt
from latentia.data import Data, _blocks, load, npy
from latentia.data._blocks import blocks, is_mapped, range_of
from latentia.view import Examples, View, tensor_of


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(_blocks, "_AT_ONCE", 12)


@pytest.mark.parametrize("shape", [(7, 4), (7, 2, 2), (1, 40), (0, 3)])
def test_blocks_are_the_rows_in_order(small, shape):
    x = np.arange(np.prod(shape)).reshape(shape)
    parts = list(blocks(x))
    np.testing.assert_array_equal(np.concatenate([x[:0], *parts]), x)
    assert all(part.size <= 12 or len(part) == 1 for part in parts)


@pytest.mark.parametrize("place", [0, 3, 6])
def test_the_range_is_that_of_all_rows(small, place):
    x = np.zeros((7, 4), np.float32)
    x[place, 1], x[6 - place, 2] = 5, np.nan
    assert range_of(x) == (0.0, 5.0, 1)
    assert range_of(-x) == (-5.0, 0.0, 1)
    assert range_of((x == 5).astype(np.uint8)) == (0.0, 1.0, 0)
    low, high, missing = range_of(np.full((7, 4), np.nan))
    assert low > high and missing == 28


def test_a_value_in_the_last_part_counts(small):
    x = np.zeros((50, 4))
    x[-1, -1] = 1
    assert Data.from_array(x).schema.kind == "binary"
    x[-1, -1] = 0.5
    assert Data.from_array(x).schema.kind == "unit"
    assert Data.from_array(x).schema.contrast == pytest.approx(1 / 200)
    x[-1, -1] = np.inf
    with pytest.raises(ValueError, match="1 cell is infinite"):
        Data.from_array(x)


@pytest.mark.parametrize("shape", [(30, 6, 6), (30, 6, 6, 3), (30, 3, 6, 6), (100, 12)])
def test_a_large_file_stays_on_the_disk(tmp_path, monkeypatch, shape):
    monkeypatch.setattr(npy, "_LARGE", 1000)
    x = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    np.save(tmp_path / "x.npy", x)
    found = load(tmp_path / "x.npy")
    assert is_mapped(found.x) and is_mapped(found.model_array())
    np.testing.assert_array_equal(found.x, x)
    held = Data.from_array(x)
    assert found.schema.sha256 == held.schema.sha256
    rows = np.array([3, 1, 29])
    sides = [Examples(tensor_of(d.model_array()), View("bytes"), rows) for d in (found, held)]
    read = [side.read(np.array([2, 0])) for side in sides]
    assert read[0].equal(read[1])
    assert sides[0].moments()[0].equal(sides[1].moments()[0])


def test_a_truncated_large_file_is_told_as_one(tmp_path, monkeypatch, says):
    monkeypatch.setattr(npy, "_LARGE", 1000)
    np.save(tmp_path / "x.npy", np.zeros((100, 12)))
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole[:5000])
    with pytest.raises(ValueError) as caught:
        load(tmp_path / "x.npy")
    says(caught.value, "damaged or truncated", "x.npy")


def test_a_model_takes_what_is_on_the_disk_without_bringing_it_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(npy, "_LARGE", 1000)
    x = np.random.default_rng(0).integers(0, 256, (60, 6, 6), dtype=np.uint8)
    np.save(tmp_path / "x.npy", x)
    vae = lt.VAE(n_components=2, max_epochs=1, random_state=0, device="cpu").fit(x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert is_mapped(Data.model_array_of(mapped, vae.schema_))
    np.testing.assert_array_equal(vae.transform(mapped), vae.transform(x))


@pytest.mark.parametrize("kind", ["bytes", "unit", "real", "table"])
def test_the_model_s_array_is_the_same_without_measuring(kind):
    rng = np.random.default_rng(1)
    x = {
        "bytes": rng.integers(0, 256, (40, 5, 5), dtype=np.uint8),
        "unit": rng.random((40, 6)),
        "real": np.column_stack([rng.normal(size=(40, 2)), np.ones(40), 1.7e9 + rng.random(40)]),
        "table": rng.normal(size=(40, 3)),
    }[kind]
    schema = Data.from_array(x).schema
    expected = Data.from_array(x[:7], like=schema).model_array()
    found = Data.model_array_of(x[:7], schema)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(
        Data.model_array_of(Data.from_array(x), schema)[:7], Data.from_array(x).model_array()[:7]
    )
    with pytest.raises(ValueError, match="shape"):
        Data.model_array_of(np.zeros((3, 99)), schema)
