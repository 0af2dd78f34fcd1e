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
        (np.array(["a", None], dtype=object), "not known of 1 of 2"),
        (np.array([4, 4, 4]), "the same for all"),
        (np.array(["a", "a"]), "the same for all"),
        (np.array([f"n{i}" for i in range(1001)]), "1001 classes"),
    ],
)
def test_what_is_no_condition_is_refused(values, said):
    with pytest.raises(DataError, match=said):
        learned("n", values)


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
