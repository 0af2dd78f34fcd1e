import numpy as np
import pyarrow as pa
import pytest

from latentia.data import Data, check

rng = np.random.default_rng(0)
A, B = rng.normal(size=20), rng.normal(size=20)


def take(**columns):
    return Data.from_array(pa.table(columns))


def test_columns_become_examples_in_their_order():
    d = take(b=B, a=A)
    assert (d.schema.columns, d.schema.shape, d.x.dtype) == (("b", "a"), (2,), np.float32)
    np.testing.assert_allclose(d.x, np.stack([B, A], 1), rtol=1e-6)
    assert d.notes == ()


@pytest.mark.parametrize(
    ("name", "values", "labels"),
    [
        ("Label", [3, 5] * 10, ("3", "5")),
        ("CLASS", ["u", "v"] * 10, ("u", "v")),
        ("species", ["u", None] * 10, ("u",)),
        ("target", [True, False] * 10, ("False", "True")),
        ("y", [1.0, 2.0] * 10, ("1", "2")),
        ("kind of flower", ["u", "v"] * 10, ("u", "v")),
    ],
)
def test_the_label_column_is_taken(name, values, labels):
    d = take(**{"a": A, name: values, "b": B})
    assert d.schema.columns == ("a", "b")
    assert d.schema.labels == labels
    assert name in d.notes[0] and "label" in d.notes[0]


def test_a_quantity_called_y_stays_data():
    d = take(x=A, y=B)
    assert d.schema.columns == ("x", "y") and d.y is None


def test_labels_given_beside_the_table_win():
    d = Data.from_array(pa.table({"a": A, "label": [1.0, 2.0] * 10}), ["p", "q"] * 10)
    assert d.schema.columns == ("a", "label") and d.schema.labels == ("p", "q")


def test_text_that_is_no_class_is_dropped_with_a_note():
    d = take(name=[f"n{i}" for i in range(20)], a=A, place=["u", "v"] * 10)
    assert d.schema.columns == ("a",) and d.y is None
    assert "name (text), place (text)" in d.notes[0]


def test_dates_are_dropped_with_a_note():
    d = take(a=A, day=np.arange(20).astype("datetime64[D]"))
    assert d.schema.columns == ("a",) and "day (date32" in d.notes[0]


def test_booleans_and_decimals_are_numbers():
    from decimal import Decimal

    d = take(a=[True, False] * 10, b=[Decimal("1.5"), Decimal("-2.25")] * 10)
    np.testing.assert_array_equal(d.x[:2], [[1, 1.5], [0, -2.25]])


def test_all_booleans_are_binary():
    d = take(a=[True, False] * 10, b=[0, 0, 1, 1] * 5)
    assert (d.schema.kind, d.x.dtype) == ("binary", np.uint8)


def test_counts_in_a_table_are_no_pixels():
    assert take(a=rng.integers(0, 256, 20), b=np.arange(236, 256)).schema.kind == "real"


def test_shares_are_unit():
    assert take(a=rng.uniform(size=20), b=rng.uniform(size=20)).schema.kind == "unit"


def test_empty_cells_are_missing_and_counted_by_column():
    d = take(a=[None, *A[1:]], b=B)
    assert np.isnan(d.x[0, 0]) and d.schema.missing == pytest.approx(1 / 40)
    assert check(d)["missing"] == {"a": 0.05}


def test_constant_and_empty_columns_are_dropped_by_name():
    d = take(
        a=A, one=np.ones(20), none=pa.nulls(20), some=[2.0, None] * 10, nan=np.full(20, np.nan)
    )
    assert d.schema.columns == ("a",)
    assert "without any value were dropped: none, nan" in d.notes[0]
    assert "Constant columns were dropped: one, some" in d.notes[1]


def test_nothing_but_constant_columns_is_refused(refused):
    with refused("Every column is constant or empty: a, b", "memory", "values differ"):
        take(a=np.ones(20), b=np.zeros(20))


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "__index_level_0__"])
def test_row_numbers_are_dropped(name):
    d = take(**{name: np.arange(20), "a": A})
    assert d.schema.columns == ("a",) and "tells the rows apart" in d.notes[0]


def test_text_in_a_column_of_numbers_is_placed(refused):
    values = [str(v) for v in A]
    values[7] = "twelve"
    with refused("'age' holds numbers, but also text: 'twelve'", "row 7", "Correct or empty"):
        take(age=values, b=B)


def test_text_alone_is_refused(refused):
    with refused("No column holds numbers; there are: a (text), b (text)", "memory", "Encode"):
        take(a=["u", "v"] * 10, b=["u", "v"] * 10)


def test_twin_columns_are_refused(refused):
    with refused("share a name: a", "memory", "Rename"):
        Data.from_array(pa.table([A, B], names=["a", "a"]))


def test_few_rows_are_refused(refused):
    with refused("5 examples are too few", "memory", "Add examples"):
        take(a=A[:5])


def test_any_frame_that_speaks_arrow_is_read():
    class Frame:
        columns = ("a", "b")

        def __arrow_c_stream__(self, requested_schema=None):
            return pa.table({"a": A, "b": B}).__arrow_c_stream__(requested_schema)

    assert Data.from_array(Frame()).schema.columns == ("a", "b")


def test_what_only_looks_like_a_frame_is_refused(refused):
    class Frame:
        columns = ("a", "b")

    with refused("cannot be read", "array", "to_numpy"):
        Data.from_array(Frame())


def test_a_dictionary_column_is_text():
    d = take(a=A, kind=pa.array(["u", "v"] * 10).dictionary_encode())
    assert d.schema.labels == ("u", "v")
