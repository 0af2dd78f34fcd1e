import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from latentia.data import load

rng = np.random.default_rng(0)
A = rng.normal(size=40)


def write(path, rows=slice(None), **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": A[rows], "b": -A[rows], **more}), path)
    return path


def test_a_file(tmp_path):
    d = load(write(tmp_path / "t.parquet", label=["u", "v"] * 20))
    np.testing.assert_allclose(d.x[:, 0], A, rtol=1e-6)
    assert (d.schema.columns, d.schema.labels) == (("a", "b"), ("u", "v"))


def test_a_folder_is_joined_in_sorted_order(tmp_path):
    write(tmp_path / "t" / "part-1.parquet", slice(15, 40))
    write(tmp_path / "t" / "part-0.parquet", slice(0, 15))
    (tmp_path / "t" / "_SUCCESS").write_text("")
    (tmp_path / "t" / "_metadata.parquet").write_text("not a part")
    d = load(tmp_path / "t")
    np.testing.assert_allclose(d.x[:, 0], A, rtol=1e-6)
    assert d.notes == ("2 files were joined.",)


def test_types_that_fit_are_brought_together(tmp_path):
    pq.write_table(pa.table({"a": np.arange(12)}), tmp_path / "0.parquet")
    pq.write_table(pa.table({"a": A[:12]}), tmp_path / "1.parquet")
    assert len(load(tmp_path).x) == 24


def test_files_of_different_tables_are_refused(tmp_path, refused):
    write(tmp_path / "0.parquet")
    write(tmp_path / "1.parquet", c=A)
    with refused("only one of them has c", "1.parquet", "folder of their own"):
        load(tmp_path)


def test_files_of_different_types_are_refused(tmp_path, refused):
    write(tmp_path / "0.parquet", c=A)
    write(tmp_path / "1.parquet", c=["u"] * 40)
    with refused("type of a column", str(tmp_path), "one schema"):
        load(tmp_path)


@pytest.mark.parametrize("damage", [lambda b: b"PAR1 no", lambda b: b[:-40], lambda b: b[40:]])
def test_a_damaged_file_is_refused(damage, tmp_path, refused):
    path = write(tmp_path / "t.parquet")
    path.write_bytes(damage(path.read_bytes()))
    with refused("no Parquet file, or a damaged one", "t.parquet", "again"):
        load(path)


def test_a_cell_of_joined_files_is_placed_in_its_own(tmp_path, refused):
    values = np.random.default_rng(0).normal(size=30)
    values[17] = np.inf
    for i in range(3):
        pq.write_table(
            pa.table({"키": values[10 * i : 10 * i + 10], "b": -np.arange(10.0)}),
            tmp_path / f"{i}.parquet",
        )
    with refused("infinite", "first at row 7 (counted from 0) of 1.parquet, column '키'", "NaN"):
        load(tmp_path)
