import gzip

import numpy as np
import pytest

from latentia.data import load
from latentia.data.idx import read_idx

rng = np.random.default_rng(0)
X = rng.integers(0, 256, (20, 5, 6), dtype=np.uint8)
Y = rng.integers(0, 3, 20, dtype=np.uint8)


@pytest.mark.parametrize(
    "name", ["digits-idx3-ubyte", "digits.idx", "digits.idx3-ubyte.gz", "d.gz"]
)
def test_a_file_is_read_gzipped_or_not(name, tmp_path, digits_idx):
    path = tmp_path / name
    path.write_bytes(gzip.compress(digits_idx(X)) if name.endswith("gz") else digits_idx(X))
    d = load(path)
    np.testing.assert_array_equal(d.x, X)
    assert (d.schema.kind, d.schema.layout, d.y) == ("bytes", "hw", None)


def test_labels_beside_the_images_ride_along(tmp_path, digits_idx):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(digits_idx(X))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(digits_idx(Y))
    d = load(tmp_path / "train-images-idx3-ubyte")
    np.testing.assert_array_equal(d.y, Y)
    assert "train-labels-idx1-ubyte" in d.notes[0]


def test_a_folder_of_four_files_has_an_official_test_set(tmp_path, digits_idx):
    for part, rows in (("train", slice(0, 14)), ("t10k", slice(14, 20))):
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(digits_idx(X[rows])))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(digits_idx(Y[rows]))
    d = load(tmp_path)
    assert d.n_official_test == 6
    np.testing.assert_array_equal(d.x, X)
    np.testing.assert_array_equal(d.y, Y)
    np.testing.assert_array_equal(load(tmp_path, split="test").x, X[14:])
    np.testing.assert_array_equal(load(tmp_path, split="train").y, Y[:14])


def test_parts_of_different_shape_are_refused(tmp_path, digits_idx, refused):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(digits_idx(X))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(digits_idx(X[:, 1:]))
    with refused("differ in shape", str(tmp_path), ""):
        load(tmp_path)


@pytest.mark.parametrize(
    ("code", "dtype"), [(0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")]
)
def test_every_type_of_the_format_is_read(code, dtype, tmp_path):
    values = rng.normal(scale=50, size=(3, 4)).astype(dtype)
    head = bytes([0, 0, code, 2]) + (3).to_bytes(4, "big") + (4).to_bytes(4, "big")
    (tmp_path / "v.idx").write_bytes(head + values.tobytes())
    found = read_idx(tmp_path / "v.idx")
    np.testing.assert_array_equal(found, values)
    assert found.dtype.isnative


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda b: b[:-7], "promises 600 bytes of values, 593 follow"),
        (lambda b: b + b"x", "promises 600 bytes of values, 601 follow"),
        (lambda b: b[:9], "damaged"),
        (lambda b: b"PK" + b, "no IDX file: it begins with 50 4b"),
        (lambda b: b"\0\0\x07" + b[3:], "no IDX file: it begins with 00 00 07"),
        (lambda b: b[:2], "no IDX file"),
        (lambda b: gzip.compress(b)[:-20], "gzip file is damaged or truncated"),
        (
            lambda b: gzip.compress(b)[:50] + b"????" + gzip.compress(b)[54:],
            "gzip file is damaged",
        ),
    ],
)
def test_a_damaged_file_is_refused(damage, what, tmp_path, digits_idx, refused):
    path = tmp_path / "digits.gz"
    path.write_bytes(damage(digits_idx(X)))
    with refused(what, "digits.gz", ""):
        load(path)
