from pathlib import Path

import numpy as np
import pytest

from latentia.data import load
from latentia.errors import DataError

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 5)).astype(np.float32)
Y = np.arange(20) % 3


class Trap:
    """Leaves a folder behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.mkdir, (self.path,)


def test_one_array(tmp_path):
    np.save(tmp_path / "flowers.npy", X)
    d = load(tmp_path / "flowers.npy")
    np.testing.assert_array_equal(d.x, X)
    assert (d.schema.name, d.y) == ("flowers", None)


@pytest.mark.parametrize(
    ("x", "y"),
    [("x", "y"), ("X", "Y"), ("images", "labels"), ("data", "targets"), ("arr_0", None)],
)
def test_named_arrays(x, y, tmp_path):
    np.savez(tmp_path / "a.npz", **({x: X} | ({y: Y} if y else {})))
    found, labels = load(tmp_path / "a.npz", return_X_y=True)
    np.testing.assert_array_equal(found, X)
    assert labels is None if y is None else labels.tolist() == Y.tolist()


def test_the_only_array_may_have_any_name(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", flowers=X, label=Y)
    d = load(tmp_path / "a.npz")
    np.testing.assert_array_equal(d.x, X)
    assert d.y.tolist() == Y.tolist()


def test_parts_make_an_official_test_set(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X[:15], y_train=Y[:15], x_test=X[15:], y_test=Y[15:])
    d = load(tmp_path / "a.npz")
    np.testing.assert_array_equal(d.x, X)
    assert (d.n_official_test, d.y.tolist()) == (5, Y.tolist())


def test_a_validation_part_joins_the_training_part(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        test_images=X[15:],
        train_images=X[:12],
        val_images=X[12:15],
        train_labels=Y[:12, None],
        val_labels=Y[12:15, None],
        test_labels=Y[15:, None],
    )
    d = load(tmp_path / "a.npz")
    np.testing.assert_array_equal(d.x, X)
    assert (d.n_official_test, d.y.tolist()) == (5, Y.tolist())
    assert "validation part was joined" in d.notes[0]


def test_labels_of_one_part_only_are_left_out(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X[:15], y_train=Y[:15], x_test=X[15:])
    d = load(tmp_path / "a.npz")
    assert d.y is None and "not every part" in d.notes[0]


def test_arrays_that_cannot_be_told_apart_are_refused(tmp_path, refused):
    np.savez(tmp_path / "a.npz", u=X, v=X)
    with refused("There are: u, v", "a.npz", "Name it x"):
        load(tmp_path / "a.npz")


def test_parts_of_different_shape_are_refused(tmp_path, refused):
    np.savez(tmp_path / "a.npz", x_train=X, x_test=X[:, :4])
    with refused("parts differ in the shape", "a.npz", "one shape"):
        load(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_nothing_is_unpickled(name, tmp_path, refused):
    trap = Trap(tmp_path / "sprung")
    objects = np.array([[1, trap]] * 12, dtype=object)
    save = np.save if name.endswith("npy") else np.savez
    save(tmp_path / name, objects, allow_pickle=True)
    with refused("Python objects", name, "float32"):
        load(tmp_path / name)
    assert not trap.path.exists()


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_a_truncated_file_is_refused(name, tmp_path, refused):
    path = tmp_path / name
    (np.save if name.endswith("npy") else np.savez)(path, X)
    path.write_bytes(path.read_bytes()[:-50])
    with refused("damaged or truncated", name, "again"):
        load(path)


def test_another_format_is_refused(tmp_path, refused):
    (tmp_path / "a.npy").write_bytes(b"\x80\x04pickle")
    with refused("no NumPy file", "a.npy", "np.save"):
        load(tmp_path / "a.npy")


@pytest.mark.parametrize("x", [np.float64(3), np.arange(30.0)])
def test_too_few_dimensions_are_refused(x, tmp_path, refused):
    np.save(tmp_path / "a.npy", x)
    with refused("not a set of examples", "a.npy", "reshape"):
        load(tmp_path / "a.npy")


def test_an_empty_archive_and_few_rows_say_what_they_are(tmp_path, refused, save_images):
    np.savez(tmp_path / "none.npz")
    with refused("There are: none", "none.npz", "Name it x"):
        load(tmp_path / "none.npz")
    with refused("5 examples are too few", "memory", "transpose it: x.T"):
        load(np.ones((5, 40)))
    photos = np.random.default_rng(0).integers(0, 256, (5, 8, 8), dtype=np.uint8)
    folder = save_images(tmp_path / "photos", photos)
    with pytest.raises(DataError, match="5 examples are too few") as caught:
        load(folder)
    assert "transpose" not in caught.value.how
