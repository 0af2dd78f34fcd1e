"""Columns that number or name the rows are no data, unless the user says so."""

import numpy as np
import pyarrow as pa
import pytest

from latentia.data import Data, load
from latentia.data._identifier import identifies, suspicion
from latentia.errors import UsageError

rng = np.random.default_rng(0)
A, B = rng.normal(size=40), rng.normal(size=40)
DISTINCT = rng.permutation(40) * 7 + 1001


@pytest.mark.parametrize(
    "name",
    [
        *("id", "ID", "user_id", "PassengerId", "customerID", "uuid", "Index", "row", "No."),
        *("rowid", "회원번호", "고객 아이디", "序号", "", "Unnamed: 0"),
    ],
)
def test_names_of_identifiers(name):
    assert identifies(name, DISTINCT.astype(float))


@pytest.mark.parametrize(
    "name",
    ["price", "valid", "acid", "grid", "humidity", "body mass index", "number", "전화", "키"],
)
def test_names_of_measurements(name):
    assert not identifies(name, DISTINCT.astype(float))
    assert suspicion(name, DISTINCT.astype(float)) == ""


@pytest.mark.parametrize("start", [0, 1])
def test_a_count_of_the_rows_needs_no_name(start):
    assert identifies("measure", np.arange(start, start + 40.0))
    assert not identifies("measure", np.arange(start, start + 40.0)[::-1])
    assert not identifies("measure", np.arange(start + 2, start + 42.0))


@pytest.mark.parametrize(
    "values",
    [np.where(np.arange(40) == 3, np.nan, DISTINCT), DISTINCT + 0.5, np.arange(40) // 2 + 5.0],
)
def test_a_name_alone_makes_no_identifier(values):
    assert not identifies("id", values)


def test_every_number_once_in_any_order_is_kept_and_told():
    d = Data.from_array(pa.table({"a": A, "year": rng.permutation(40) + 1980}))
    assert d.schema.columns == ("a", "year")
    assert "'year' holds every whole number from 1980 to 2019 once" in d.notes[0]
    assert "--drop 'year'" in d.notes[0]


def test_an_identifier_that_repeats_is_kept_and_told():
    d = Data.from_array(pa.table({"a": A, "store_id": np.arange(40) // 2}))
    assert d.schema.columns == ("a", "store_id")
    assert "'store_id' is named like an identifier" in d.notes[0]


def test_identifiers_are_dropped_with_the_way_to_keep_them():
    d = Data.from_array(pa.table({"회원번호": DISTINCT, "a": A, "n": np.arange(1, 41), "b": B}))
    assert d.schema.columns == ("a", "b") and d.x.shape == (40, 2)
    assert d.notes[0].startswith("Columns '회원번호', 'n' tell the rows apart")
    assert "--columns '*' keeps every column" in d.notes[0]


def test_an_identifier_that_is_all_there_is_stays():
    d = Data.from_array(pa.table({"id": DISTINCT}))
    assert d.schema.columns == ("id",)


def write(path):
    rows = [f"{i},{a:.3f},{b:.3f},{'uv'[i % 2]}" for i, a, b in zip(DISTINCT, A, B, strict=True)]
    path.write_text("\n".join(["id,키,b,도시", *rows]) + "\n", encoding="utf8")
    return path


@pytest.mark.parametrize(
    ("options", "columns", "labels"),
    [
        ({}, ("키", "b"), ("u", "v")),
        ({"columns": ["*"]}, ("id", "키", "b"), ("u", "v")),
        ({"columns": ["b", "id"]}, ("b", "id"), ("u", "v")),
        ({"drop": ["b"]}, ("키",), ("u", "v")),
        ({"drop": ["도시", "id"]}, ("키", "b"), ()),
        ({"columns": ["*"], "drop": ["키"]}, ("id", "b"), ("u", "v")),
    ],
)
def test_the_user_decides_both_ways(options, columns, labels, tmp_path):
    path = write(tmp_path / "t.csv")
    d = load(path, **options)
    assert (d.schema.columns, d.schema.labels) == (columns, labels)
    whole = {"id": DISTINCT, "키": A.round(3), "b": B.round(3)}
    np.testing.assert_allclose(d.x, np.stack([whole[c] for c in columns], 1), rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "what", "where", "how"),
    [
        ({"columns": ["키", "bb"]}, "no column 'bb'", "--columns", "Did you mean 'b'?"),
        ({"drop": ["zz"]}, "no column 'zz'", "--drop", "There are: id, 키, b, 도시."),
        ({"columns": ["b"], "drop": ["b"]}, "no column 'b'", "--columns", "id, 키, 도시"),
        ({"drop": "키"}, "'키' is one text", "drop", "['키']"),
        ({"size": 8}, "no folder of images", "--size 8", "Leave"),
    ],
)
def test_what_cannot_be_chosen_is_refused(options, what, where, how, tmp_path, refused):
    with refused(what, where, how, UsageError):
        load(write(tmp_path / "t.csv"), **options)


def test_a_column_of_text_is_no_data(tmp_path, refused):
    path = write(tmp_path / "t.csv")
    with refused("No column holds numbers", "t.csv", "Encode"):
        load(path, columns=["도시"])
    with refused("not numbers: 도시", "t.csv", "Encode"):
        load(path, columns=["도시", "b"])


def test_an_array_has_no_columns_to_choose_from(tmp_path, refused):
    x = rng.normal(size=(20, 3))
    np.save(tmp_path / "a.npy", x)
    for data in (tmp_path / "a.npy", x, Data.from_array(x), "digits"):
        with refused("olumns", "", "", UsageError):
            load(data, drop=["0"])
