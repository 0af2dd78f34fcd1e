"""New data for a trained model take the model's schema instead of one of their own."""

import numpy as np
import pyarrow as pa
import pytest

from latentia.data import Data, load

rng = np.random.default_rng(0)
BYTES = rng.integers(0, 256, (20, 6, 6), dtype=np.uint8)
INK = (BYTES > 127).astype(np.uint8)


def test_a_single_example_is_enough():
    like = Data.from_array(BYTES).schema
    d = Data.from_array(BYTES[:1], like=like)
    assert d.schema.kind == "bytes" and d.x.shape == (1, 6, 6)


@pytest.mark.parametrize(
    ("trained", "given", "expected"),
    [
        (BYTES, BYTES.astype(np.float64), BYTES),
        (BYTES, BYTES / 255, BYTES),
        (BYTES, BYTES.reshape(20, 36), BYTES),
        (BYTES, INK, INK),  # dark images, not binary ones
        (INK, INK * 255, INK),
        (INK, INK.astype(bool), INK),
        (BYTES / 255, BYTES, (BYTES / 255).astype(np.float32)),
        (BYTES / 255, BYTES / 255, (BYTES / 255).astype(np.float32)),
        (BYTES - 99.5, INK, INK.astype(np.float32)),
    ],
)
def test_values_are_brought_to_the_scale_of_the_model(trained, given, expected):
    like = Data.from_array(trained).schema
    d = Data.from_array(given, like=like)
    assert (d.schema.kind, d.x.dtype) == (like.kind, expected.dtype)
    np.testing.assert_array_equal(d.x, expected)


@pytest.mark.parametrize(
    ("trained", "given", "what", "how"),
    [
        (INK, BYTES, "0 to 255", "Threshold"),
        (BYTES, BYTES - 300.0, "is bytes data", "0 to 255"),
        (BYTES / 255, BYTES - 300.0, "is unit data", "[0, 1]"),
        (BYTES, rng.integers(0, 256, (20, 5, 6)), "(n, 6, 6)", "--size 6"),
    ],
)
def test_values_of_another_kind_are_refused(trained, given, what, how, refused):
    like = Data.from_array(trained, name="digits").schema
    with refused(what, "", how):
        Data.from_array(given, like=like)


def test_columns_are_taken_by_name_and_constant_ones_stay(tmp_path):
    frame = pa.table({"a": rng.normal(size=20), "b": rng.normal(size=20), "c": np.ones(20)})
    trained = Data.from_array(frame)
    assert trained.schema.columns == ("a", "b")
    file = tmp_path / "new.csv"
    file.write_text("b,z,a\n1,5,3\n1,6,4\n")
    d = load(file, like=trained.schema)
    assert d.schema.columns == ("a", "b")
    np.testing.assert_array_equal(d.x, [[3, 1], [4, 1]])
    np.testing.assert_array_equal(Data.from_array(trained, like=trained.schema).x, trained.x)
    assert Data.from_array(trained.x[:2], like=trained.schema).schema.columns == ("a", "b")


def test_an_absent_column_is_named(refused):
    like = Data.from_array(pa.table({"a": rng.normal(size=20), "b": rng.normal(size=20)})).schema
    with refused("missing: b", "memory", "a, b"):
        Data.from_array(pa.table({"a": [1.0]}), like=like)
    with refused("not numbers: b", "memory", "numbers"):
        Data.from_array(pa.table({"a": [1.0, 2.0], "b": ["u", "v"]}), like=like)


def test_labels_keep_the_classes_of_the_model():
    like = Data.from_array(rng.normal(size=(20, 3)), ["ant", "bee"] * 10).schema
    d = Data.from_array(rng.normal(size=(3, 3)), ["bee", "cow", "ant"], like=like)
    assert d.y.tolist() == [1, -1, 0]
    assert d.schema.labels == ("ant", "bee")
    assert "cow" in d.notes[0]


def test_images_take_size_and_mode_of_the_model(tmp_path, photographs, save_images):
    like = load(save_images(tmp_path / "train", photographs), size=16).schema
    grey = [image[:50, :50, 0] for image in photographs[:2]]
    d = load(save_images(tmp_path / "new", grey), like=like)
    assert d.x.shape == (2, 16, 16, 3)
    one = load(tmp_path / "train" / "000.png", like=like)
    assert one.x.shape == (1, 16, 16, 3)
