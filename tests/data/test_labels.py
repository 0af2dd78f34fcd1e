import numpy as np
import pytest

from latentia.data import Data

X = np.random.default_rng(0).normal(size=(12, 3))


@pytest.mark.parametrize(
    ("y", "indices", "labels"),
    [
        ([0, 1, 2] * 4, [0, 1, 2], ("0", "1", "2")),
        ([3, 7, 5] * 4, [0, 2, 1], ("3", "5", "7")),
        ([10, 9, 2] * 4, [2, 1, 0], ("2", "9", "10")),
        (["10", "9", "2"] * 4, [2, 1, 0], ("2", "9", "10")),
        (np.array([2.0, 1.0, np.nan] * 4), [1, 0, -1], ("1", "2")),
        (["b", "a", "c"] * 4, [1, 0, 2], ("a", "b", "c")),
        (np.array(["b", None, "a"] * 4, object), [1, -1, 0], ("a", "b")),
        (np.array([b"v", b"u", b"v"] * 4), [1, 0, 1], ("u", "v")),
        (np.array([True, False, True] * 4), [1, 0, 1], ("False", "True")),
        (np.array([[1], [0], [1]] * 4), [1, 0, 1], ("0", "1")),
    ],
)
def test_labels_become_indices(y, indices, labels):
    d = Data.from_array(X, y)
    assert d.y.dtype == np.int64
    assert d.y[:3].tolist() == indices
    assert d.schema.labels == labels


def test_missing_labels_are_counted():
    assert "4 examples have no label." in Data.from_array(X, np.array([1, 2, np.nan] * 4)).notes


@pytest.mark.parametrize(
    ("y", "note"),
    [
        (np.linspace(0, 1, 12), "fractions"),
        (np.zeros((12, 2)), "shape (12, 2)"),
    ],
)
def test_what_is_no_class_is_left_out_with_a_note(y, note):
    d = Data.from_array(X, y)
    assert d.y is None and d.schema.labels == ()
    assert note in d.notes[0]


def test_a_thousand_classes_are_no_classes():
    x = np.random.default_rng(0).normal(size=(1200, 2))
    d = Data.from_array(x, np.arange(1200))
    assert d.y is None and "1200 distinct labels" in d.notes[0]


def test_every_example_needs_a_label(refused):
    with refused("11 labels for 12 examples", "memory", "one label per example"):
        Data.from_array(X, np.zeros(11))
