"""What commands write is read back by others' readers, and is written whole or not at all."""

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest
from PIL import Image

from latentia.data import Schema
from latentia.errors import DataError, MachineError, UsageError
from latentia.output import read_latents, require_writable, write_examples, write_table


def schema_of(x, **facts):
    layout = {2: "vector", 3: "hw", 4: "chw" if x.shape[1] == 3 else "hwc"}[x.ndim]
    return Schema(
        "s", "memory", **{"kind": "unit", "shape": x.shape[1:], "layout": layout} | facts
    )


ALL = (".png", ".npy", ".npz", ".csv", ".parquet")
X = np.random.default_rng(0).random((5, 4, 6)).astype(np.float32)


def table_of(path):
    reader = pyarrow.csv.read_csv if path.suffix == ".csv" else pyarrow.parquet.read_table
    return reader(path)


def test_arrays_keep_their_shape_and_values(tmp_path):
    write_examples(tmp_path / "x.npy", X, schema_of(X))
    assert np.array_equal(np.load(tmp_path / "x.npy", allow_pickle=False), X)
    write_examples(tmp_path / "x.npz", X, schema_of(X))
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        assert np.array_equal(found["x"], X)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_tables_have_a_column_for_every_number(tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    write_examples(path, X, schema_of(X))
    found = pyarrow.csv.read_csv(path) if suffix.lower() == ".csv" else table_of(path)
    assert found.column_names == [f"x{i}" for i in range(24)]
    values = np.stack([column.to_numpy() for column in found.columns], 1)
    np.testing.assert_allclose(values, X.reshape(5, 24), rtol=1e-6)


def test_columns_keep_their_names(tmp_path):
    x = X[:, 0, :2]
    write_examples(tmp_path / "x.csv", x, schema_of(x, columns=("age", "height")))
    assert table_of(tmp_path / "x.csv").column_names == ["age", "height"]


@pytest.mark.parametrize(
    "shape", [(5, 8, 8), (5, 8, 8, 3), (5, 3, 8, 8), (5, 8, 8, 1), (1, 90, 70)]
)
def test_pictures_are_a_grid_of_the_examples(tmp_path, shape):
    x = np.zeros(shape)
    x[0] = 1
    write_examples(tmp_path / "x.png", x, schema_of(x))
    with Image.open(tmp_path / "x.png") as opened:
        opened.load()
        assert opened.mode == ("RGB" if 3 in shape else "L")
        pixels = np.asarray(opened)
    side = shape[2] if shape[1] == 3 else shape[1]
    scale, gap = 112 // side, max(1, round(0.07 * side))
    first = (2 * gap + 1) * scale
    lit, dark = (255, 0) if 3 in shape or len(x) == 1 else (0, 255)  # grey ink is drawn in black
    assert (pixels[first, first] == lit).all()
    if len(x) > 1:
        assert (pixels[first, first + (side + gap) * scale] == dark).all()


def test_images_of_two_channels_are_no_picture(tmp_path):
    x = np.zeros((3, 8, 8, 2))
    with pytest.raises(UsageError, match="no pictures"):
        write_examples(tmp_path / "x.png", x, schema_of(x))


def test_real_pixels_span_black_to_white(tmp_path):
    x = np.stack([np.full((8, 8), value) for value in (-2.0, 0.0, 0.0, 2.0)])
    schema = schema_of(x, kind="real", low=-2.0, high=2.0)
    write_examples(tmp_path / "x.png", x, schema, rows=1)
    pixels = np.asarray(Image.open(tmp_path / "x.png"))
    scale = 112 // 8
    values = [pixels[4 * scale, (4 + 9 * i) * scale] for i in range(4)]
    assert values == [0, 128, 128, 255]


@pytest.mark.parametrize(("contrast", "corner"), [(0.3, 255), (0.8, 51)])
def test_blurred_means_of_ink_are_drawn_as_ink(tmp_path, contrast, corner):
    x = np.full((1, 8, 8), 0.5)
    x[0, [0, -1]] = x[0, :, [0, -1]] = 0.2 * (contrast > 0.5)
    write_examples(tmp_path / "x.png", x, schema_of(x, contrast=contrast))
    pixels = np.asarray(Image.open(tmp_path / "x.png"))
    assert pixels[30, 30] == corner


def test_rows_of_a_table_are_no_picture(tmp_path, says):
    with pytest.raises(UsageError) as caught:
        write_examples(tmp_path / "x.png", X[:, 0], schema_of(X[:, 0]))
    says(caught.value, "no pictures", ".npy, .csv or .parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.jpg", "x", "x.npy.gz"])
def test_an_unknown_suffix_is_refused_before_the_work(tmp_path, name, says):
    with pytest.raises(UsageError) as caught:
        require_writable(tmp_path / name, ALL)
    says(caught.value, name, ".npz", "suffix" if name == "x" else "cannot be written here")


def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path, monkeypatch, says):
    with pytest.raises(MachineError) as caught:
        require_writable(tmp_path / "no" / "x.csv", ALL)
    says(caught.value, "does not exist", "Create it first")
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(MachineError) as caught:
        require_writable(tmp_path / "x.csv", ALL)
    says(caught.value, "This is a folder")
    monkeypatch.setattr("latentia.output.os.access", lambda path, mode: False)
    with pytest.raises(MachineError) as caught:
        require_writable(tmp_path / "y.csv", ALL)
    says(caught.value, "may not be written")


Z = np.random.default_rng(1).normal(size=(7, 12)).astype(np.float32)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz", ".npy"])
def test_latents_come_back_in_order_whatever_the_order_of_the_columns(tmp_path, suffix):
    path = tmp_path / f"z{suffix}"
    if suffix == ".npy":
        np.save(path, Z)
    else:
        shuffled = np.random.default_rng(2).permutation(12)
        columns = {f"z{d}": Z[:, d] for d in shuffled}
        write_table(
            path, {**columns, "sd0": Z[:, 0], "label": np.array(["a"] * 7), "zebra": Z[:, 1]}
        )
    np.testing.assert_allclose(read_latents(path), Z, rtol=1e-6)
    assert read_latents(path).dtype == np.float32


def _text(path):
    path.write_text("z0,z1\n1,two\n")


BROKEN = {
    "missing.npy": lambda path: None,
    "empty.npy": lambda path: path.write_bytes(b""),
    "words.npy": lambda path: np.save(path, np.array([["a", "b"]])),
    "objects.npy": lambda path: np.save(path, np.array([{}], dtype=object)),
    "cut.npz": lambda path: path.write_bytes(b"PK\x03\x04 and then nothing"),
    "other.npz": lambda path: np.savez(path, x=Z),
    "words.csv": _text,
    "other.csv": lambda path: path.write_text("a,b\n1,2\n"),
    "cut.parquet": lambda path: path.write_bytes(b"PAR1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_files_without_latents(tmp_path, name, says):
    BROKEN[name](tmp_path / name)
    with pytest.raises(DataError) as caught:
        read_latents(tmp_path / name)
    says(caught.value, name, "no such file" if "missing" in name else "No latents can be read")
