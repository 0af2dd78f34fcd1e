"""Rows of JSON become numbers, and nothing else does."""

import numpy as np
import pytest

from latentia.app.examples import brackets_of, examples_of, from_json, numbers_of
from latentia.data import Schema
from latentia.data._raw import Raw
from latentia.errors import DataError, UsageError

TABLE = Schema("t", "m", "real", (2,), "vector", columns=("a", "b"))
BYTES = Schema("t", "m", "bytes", (2, 2), "hw")


def test_objects_stand_in_the_models_order():
    raw = from_json([{"b": 2, "a": 1}, {"b": None, "a": 3}, {"a": 4}], TABLE)
    expected = [[1, 2], [3, np.nan], [4, np.nan]]
    np.testing.assert_array_equal(examples_of(raw, TABLE).x, np.array(expected, np.float32))


def test_a_model_without_columns_takes_no_objects():
    with pytest.raises(UsageError, match="no columns"):
        from_json([{"a": 1}], BYTES)


@pytest.mark.parametrize(
    "given", [[["1", "2"]], [[1, "2"]], [[1, None, "2"]], [[1], [2, 3]], [[1, [2]]], [[{}, 1]]]
)
def test_what_are_no_numbers(given):
    with pytest.raises(DataError):
        numbers_of(given)


def test_each_request_is_of_the_schemas_type_whatever_it_was_sent_as():
    """Else bytes beside floats in one pass would be taken for other greys."""
    for x in (np.full((1, 2, 2), 51, np.uint8), np.full((1, 2, 2), 0.2), [[[51, 51], [51, 51]]]):
        found = examples_of(Raw(np.asarray(x)), BYTES)
        assert found.x.dtype == np.uint8
        assert (found.x == 51).all()


@pytest.mark.parametrize("shape", [(3,), (4, 5), (4, 5, 3)])
def test_a_request_of_all_rows_has_no_more_lists_than_are_counted(shape):
    import json

    x = {"x": np.zeros((7, *shape)).tolist(), "condition": {"a": [[1]] * 7}}
    text = json.dumps(x)
    assert text.count("[") + text.count("{") <= brackets_of(shape, 7)
    assert brackets_of(shape, 7) < 3 * text.count("[") + 100
