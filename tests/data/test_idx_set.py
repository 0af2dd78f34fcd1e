"""Where full sets are looked for, and what is said when they are nowhere."""

import gzip
import hashlib

import numpy as np
import pytest

from latentia import data
from latentia.data import _idx_set
from latentia.data.fashion_mnist import FashionMnist
from latentia.data.mnist import Mnist
from latentia.errors import MachineError

rng = np.random.default_rng(0)


@pytest.fixture
def small(monkeypatch, tmp_path, digits_idx):
    """Make `mnist` a small set without network, and return a function that writes its files."""
    arrays = [
        rng.integers(0, 256, (30, 4, 4)),
        rng.integers(0, 10, 30),
        rng.integers(0, 256, (12, 4, 4)),
        rng.integers(0, 10, 12),
    ]
    contents = [digits_idx(array) for array in arrays]
    hashes = tuple(hashlib.sha256(content).hexdigest() for content in contents)
    for name in ("LATENTIA_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LATENTIA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(Mnist, "sha256", hashes)
    monkeypatch.setattr(Mnist, "mirrors", ("http://127.0.0.1:1/mnist/",))

    def write(folder):
        folder.mkdir(parents=True)
        for name, content in zip(_idx_set.FILES, contents, strict=True):
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        return folder

    write.arrays = arrays
    return write


def test_the_set_is_whole_with_its_test_rows_last(small, tmp_path):
    small(tmp_path / "root" / "mnist")
    d = data.load("mnist", root=tmp_path / "root")
    np.testing.assert_array_equal(d.x, np.concatenate([small.arrays[0], small.arrays[2]]))
    np.testing.assert_array_equal(d.y, np.concatenate([small.arrays[1], small.arrays[3]]))
    assert (d.n_official_test, d.schema.labels) == (12, tuple("0123456789"))
    assert d.schema.source == str(tmp_path / "root" / "mnist")


def test_places_are_searched_in_order(small, tmp_path, monkeypatch):
    root, env, cache, system = (tmp_path / p for p in ("root", "env", "cache", "system"))
    monkeypatch.setenv("LATENTIA_DATA", str(env))
    monkeypatch.setattr(Mnist, "system", (str(system),))
    assert data.where("mnist", root=root) is None
    small(system)
    assert data.where("mnist", root=root) == str(system)
    small(cache / "mnist")
    assert data.where("mnist", root=root) == str(cache / "mnist")
    small(env / "mnist")
    assert data.where("mnist", root=root) == str(env / "mnist")
    small(root)  # the files may lie in the root itself
    assert data.where("mnist", root=root) == str(root)


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("LATENTIA_CACHE", ""), ("XDG_CACHE_HOME", "latentia"), ("HOME", ".cache/latentia")],
)
def test_the_cache_is_where_the_user_has_it(variable, folder, small, tmp_path, monkeypatch):
    monkeypatch.delenv("LATENTIA_CACHE")
    monkeypatch.setenv(variable, str(tmp_path / "place"))
    place = small(tmp_path / "place" / folder / "mnist")
    assert data.where("mnist") == str(place)


def test_files_of_another_set_are_not_taken_for_this_one(small, tmp_path, digits_idx):
    folder = small(tmp_path / "root")
    labels = folder / "t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(digits_idx(rng.integers(0, 10, 12))))
    assert data.where("mnist", root=folder) is None


def test_an_incomplete_set_is_not_found(small, tmp_path):
    folder = small(tmp_path / "root")
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    assert data.where("mnist", root=folder) is None


def test_nowhere_names_every_way_out(small, tmp_path, refused, monkeypatch):
    monkeypatch.setenv("LATENTIA_DATA", str(tmp_path / "env"))
    with pytest.raises(MachineError) as caught:
        data.load("mnist", root=tmp_path / "root")
    said = caught.value
    assert said.exit_code == 5
    for place in ("root/mnist", "env/mnist", "cache/mnist"):
        assert str(tmp_path / place) in said.where
    assert "http://127.0.0.1:1/mnist/" in said.where
    for way in ("LATENTIA_DATA", "--data-root", "latentia data fetch mnist", "`mnist5k`"):
        assert way in said.how
    assert "refused" in said.what


def test_the_package_of_a_distribution_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENTIA_CACHE", str(tmp_path))
    monkeypatch.setattr(FashionMnist, "system", ())
    monkeypatch.setattr(FashionMnist, "mirrors", ())
    with pytest.raises(MachineError, match="apt install dataset-fashion-mnist"):
        data.load("fashion-mnist")


@pytest.mark.parametrize("root", [None, "root"])
def test_fetch_downloads_to_the_root_or_the_cache(root, small, tmp_path, monkeypatch):
    small(tmp_path / "mirror")
    monkeypatch.setattr(Mnist, "mirrors", ((tmp_path / "mirror").as_uri() + "/",))
    root = None if root is None else tmp_path / root
    place = (root or tmp_path / "cache") / "mnist"
    assert data.fetch("mnist", root=root) == str(place)
    assert sorted(p.name for p in place.iterdir()) == sorted(f"{n}.gz" for n in _idx_set.FILES)
    assert data.fetch("mnist", root=root) == str(place)
    assert len(data.load("mnist", root=root).x) == 42
