"""Conditions: from columns and labels to numbers, and what cannot be one."""

import numpy as np
import pytest

from latentia.data import Data, Schema, load
from latentia.data._conditions import Condition, columns_of, encoded, learned
from latentia.errors import DataError, UsageError

KIND, SIZE = Condition("kind", ("a", "b", "c")), Condition("size", mean=10.0, std=2.0)


def table(tmp_path, rows=30):
    lines = ["x,y,kind,size,label"]
    lines += [f"{i * 0.7 % 3},{i * 0.3 % 2},{'abc'[i % 3]},{i},{i % 2}" for i in range(rows)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines))
    return path


def test_classes_are_one_hot_and_numbers_standardized():
    c = encoded((KIND, SIZE), {"kind": ["c", "a"], "size": [12, 10]}, 2)
    assert c.dtype == np.float32
    assert c.tolist() == [[0, 0, 1, 1], [1, 0, 0, 0]]


def test_one_value_goes_for_all_and_several_conditions_may_be_mixed():
    assert encoded((KIND,), {"kind": "b"}, 7).shape == (1, 3)
    assert encoded((KIND, SIZE), {"kind": "b", "size": [1, 2, 3]}, 3).shape == (3, 4)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"kind": ["a", "dog"], "size": 1}, "'dog' is no kind"),
        ({"kind": "a", "size": "tall"}, "'tall' is no number for size"),
        ({"kind": "a", "size": float("nan")}, "no number"),
        ({"kind": "a", "size": float("inf")}, "no number"),
        ({"kind": "a"}, "Nothing is said of size"),
        ({"kind": "a", "size": 1, "age": 3}, "no condition 'age'"),
        ({"kind": ["a", "b"], "size": [1, 2]}, "2 examples for 5"),
        ({"kind": ["a"] * 5, "size": [1, 2]}, "different lengths: size"),
    ],
)
def test_what_cannot_be_is_said(columns, said):
    with pytest.raises(UsageError, match=said):
        encoded((KIND, SIZE), columns, 5)


def test_numbers_and_classes_are_told_apart():
    assert learned("n", np.array([1, 2, 3])).classes == ()
    assert learned("n", np.array([True, False])).classes == ("False", "True")
    assert learned("n", np.array(["u", "v"], dtype=object)).classes == ("u", "v")
    found = learned("n", np.array([1.0, 3.0]))
    assert (found.mean, found.std) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.array([1.0, np.nan]), "not known of 1 of 2"),
        (np.array(["a", None], dtype=object), "the same for all"),
        (np.array([4, 4, 4]), "the same for all"),
        (np.array(["a", "a"]), "the same for all"),
        (np.array([f"n{i}" for i in range(1001)]), "1001 classes"),
    ],
)
def test_what_is_no_condition_is_refused(values, said):
    with pytest.raises(DataError, match=said):
        learned("n", values)


def test_a_class_may_be_unknown_and_is_then_no_number():
    kind = learned("kind", np.array(["b", None, "a", "", float("nan")], dtype=object))
    assert kind == Condition("kind", ("a", "b"), partly=True)
    c = kind.encode(["a", "", None], missing=True)
    assert c[0].tolist() == [1, 0] and np.isnan(c[1:]).all()
    with pytest.raises(UsageError, match="'' is no kind"):
        kind.encode(["a", ""])  # as a user says it
    with pytest.raises(UsageError, match="'' is no kind"):
        Condition("kind", ("a", "b")).encode(["a", ""], missing=True)
    with pytest.raises(UsageError, match="'dog' is no kind"):
        kind.encode(["dog", ""], missing=True)


def test_labels_may_be_missing_of_some_examples(tmp_path):
    x, y = np.random.default_rng(0).normal(size=(12, 3)), ["a", "b", None] * 4
    data = Data.from_array(x, y).under("label")
    assert data.schema.conditions == (Condition("label", ("a", "b"), partly=True),)
    assert np.isnan(data.c).any(axis=1).tolist() == [False, False, True] * 4
    assert Schema.from_dict(data.schema.to_dict()) == data.schema
    assert data.under("label") is data
    other = Data.from_array(x, ["a", "b", "a"] * 4).under("label")
    assert other.fingerprint != data.fingerprint
    assert "partly" not in other.schema.to_dict()["conditions"][0]
    assert other.partly().schema.conditions[0].partly
    lines = [f"{a},{b},{c},{k or ''}" for (a, b, c), k in zip(x, y, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["u,v,w,kind", *lines]))
    found = load(tmp_path / "t.csv", conditions=["kind"])
    assert found.schema.columns == ("u", "v", "w") and np.isnan(found.c[:, 0]).sum() == 4
    assert np.isnan(load(tmp_path / "t.csv", like=found.schema).c[:, 0]).sum() == 4


def test_of_several_conditions_and_of_numbers_none_may_be_missing():
    data = Data.from_array(np.eye(12))
    kind, size = np.array(["a", None, "b"] * 4, dtype=object), np.arange(12.0)
    with pytest.raises(DataError, match="not known of 4 of 12 examples, and it is one of 2"):
        data.under({"kind": kind, "size": size})
    with pytest.raises(DataError, match="a number cannot"):
        data.under({"size": np.where(size > 3, size, np.nan)})
    with pytest.raises(UsageError, match="Only a single condition that is a class"):
        data.under({"size": size}).partly()
    with pytest.raises(UsageError, match="there is: none"):
        data.partly()


def test_columns_come_from_whatever_a_user_has():
    assert list(columns_of({"a": 1})) == ["a"]
    assert list(columns_of(np.zeros((3, 2)))) == ["c0", "c1"]
    assert columns_of(7, ("label",))["label"] == 7
    with pytest.raises(UsageError, match="1 conditions, and the model has 2"):
        columns_of(np.zeros(3), ("a", "b"))


def test_columns_of_a_table_that_are_conditions_are_no_part_of_x(tmp_path):
    data = load(table(tmp_path), conditions=["kind", "size"])
    assert data.schema.columns == ("x", "y")
    assert [one.name for one in data.schema.conditions] == ["kind", "size"]
    assert data.c.shape == (30, 4)
    assert data.c[:, 3].mean() == pytest.approx(0, abs=1e-6)
    assert data.c[:, 3].std() == pytest.approx(1, abs=1e-6)
    # The label stays one, and can be a condition too.
    assert data.schema.labels == ("0", "1")
    assert load(table(tmp_path), conditions=["label"]).schema.conditions[0].classes == ("0", "1")


def test_a_column_that_is_not_there_is_said_with_those_that_are(tmp_path):
    with pytest.raises(UsageError, match="nothing called 'age'") as error:
        load(table(tmp_path), conditions=["age"])
    assert "label" in str(error.value)
    with pytest.raises(UsageError, match="nothing called 'label'") as error:
        load(np.eye(12), conditions=["label"])
    assert "no labels" in str(error.value)


def test_other_data_are_read_as_the_models_own_were(tmp_path):
    data = load(table(tmp_path), conditions=["kind", "size"])
    again = load(table(tmp_path, rows=5), like=data.schema)
    assert np.array_equal(again.c, data.c[:5])  # standardized as in training, not by themselves
    alone = tmp_path / "alone.csv"
    alone.write_text("x,y\n1,2\n3,4\n")
    assert load(alone, like=data.schema).c is None


def test_parts_keep_their_conditions():
    whole = load("mnist5k", conditions=["label"])
    assert whole.c.shape == (5000, 10)
    assert np.array_equal(whole.c.argmax(1), whole.y)


def test_conditions_change_the_hash_and_survive_being_written():
    data = Data.from_array(np.eye(12))
    under = data.under({"age": np.arange(12.0)})
    other = data.under({"age": np.arange(12.0) ** 2})
    assert len({d.fingerprint for d in (data, under, other)}) == 3
    assert Schema.from_dict(under.schema.to_dict()) == under.schema
    assert "conditions" not in data.schema.to_dict()


def test_the_same_conditions_twice_are_the_same_data():
    data = Data.from_array(np.eye(12), ["a", "b"] * 6).under("label")
    assert data.under(["label"]) is data
