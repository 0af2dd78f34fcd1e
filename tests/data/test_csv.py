import gzip

import numpy as np
import pytest

from latentia.data import load

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 3)).round(3)


def write(path, x=X, header="a,b,c", delimiter=",", decimal=".", tail=None):
    lines = [header.replace(",", delimiter)] if header else []
    for i, row in enumerate(x):
        cells = [str(v).replace(".", decimal) for v in row] + ([tail[i]] if tail else [])
        lines.append(delimiter.join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("name", "delimiter", "decimal"),
    [
        ("t.csv", ",", "."),
        ("t.csv", ";", "."),
        ("t.csv", ";", ","),
        ("t.csv", "\t", "."),
        ("t.csv", "|", "."),
        ("t.csv", " ", "."),
        ("t.csv", "   ", "."),
        ("t.tsv", "\t", ","),
    ],
)
@pytest.mark.parametrize("header", ["a,b,c", "0,1,2", "1,2,3", None])
def test_delimiter_header_and_decimal_sign_are_found(name, delimiter, decimal, header, tmp_path):
    d = load(write(tmp_path / name, header=header, delimiter=delimiter, decimal=decimal))
    np.testing.assert_allclose(d.x, X, rtol=1e-6)
    assert d.schema.columns == (tuple(header.split(",")) if header else ("c0", "c1", "c2"))
    assert d.schema.layout == "vector" and d.schema.kind == "real"
    assert bool(d.notes) is (header is None)


def test_a_gzipped_table_and_a_byte_order_mark(tmp_path):
    plain = write(tmp_path / "t.csv").read_bytes()
    (tmp_path / "z.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + plain))
    d = load(tmp_path / "z.csv.gz")
    assert d.schema.columns == ("a", "b", "c") and d.schema.name == "z"


def test_classes_without_a_header_as_in_iris(tmp_path):
    d = load(write(tmp_path / "iris.csv", header=None, tail=["setosa", "virginica"] * 10))
    assert d.schema.columns == ("c0", "c1", "c2")
    assert d.schema.labels == ("setosa", "virginica")
    assert d.y[:3].tolist() == [0, 1, 0]


def test_a_label_above_numbered_pixels(tmp_path):
    x = np.column_stack([np.arange(20) % 2, rng.integers(0, 256, (20, 3))])
    d = load(write(tmp_path / "t.csv", x, header="label,0,1,2"))
    assert d.schema.columns == ("0", "1", "2") and d.schema.labels == ("0", "1")


@pytest.mark.parametrize("cell", ["", "NA", "NaN", "nan", "null", "?", "None"])
def test_missing_cells_are_nan(cell, tmp_path):
    path = write(tmp_path / "t.csv")
    lines = path.read_text().split("\n")
    lines[3] = "1.5," + cell + ",2.5"
    path.write_text("\n".join(lines))
    d = load(path)
    assert np.isnan(d.x[2, 1]) and np.isnan(d.x).sum() == 1
    assert d.schema.missing == pytest.approx(1 / 60)


def test_quoted_text_may_hold_delimiters_and_line_breaks(tmp_path):
    d = load(write(tmp_path / "t.csv", header='"a, of b",b,"c\nd"'))
    assert d.schema.columns == ("a, of b", "b", "c\nd")


@pytest.mark.parametrize(
    ("content", "what", "how"),
    [
        (b"", "empty (0 bytes)", "again"),
        (b"\n \n\n", "holds no rows", "again"),
        (b"a,b\n", "empty", "10 examples"),
        (b"a,b\n" + b"1,2\n" * 3 + b"1,2,3\n" * 9, "cannot be read", "same number of cells"),
        ("a,b\n1,é\n".encode("latin1"), "no text in UTF-8", "iconv"),
        ("a,b\n1,2\n".encode("utf-16"), "no text in UTF-8", "iconv"),
        (b"a\0,b\n1,2\n", "zero bytes", "suffix"),
        (b"a,b\n" + b"1,2\n3,4\n" * 2, "4 examples are too few", "Add examples"),
        (b"a,b\n" + b"u,v\nw,x\n" * 9, "No column holds numbers", "Encode"),
    ],
)
def test_bad_files_are_refused(content, what, how, tmp_path, refused):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with refused(what, "bad.csv", how):
        load(path)


def test_a_truncated_gzip_is_refused(tmp_path, refused):
    noise = "\n".join(map(str, rng.normal(size=9999)))
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(noise.encode())[:-2000])
    with refused("Truncated compressed stream", "t.csv.gz", "again"):
        load(tmp_path / "t.csv.gz")


def test_a_gzip_that_ends_at_once_is_refused(tmp_path, refused):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-9])
    with refused("damaged or truncated", "t.csv.gz", "again"):
        load(tmp_path / "t.csv.gz")


def test_an_infinite_cell_is_placed_by_its_column(tmp_path, refused):
    x = X.copy()
    x[4, 1] = np.inf
    with refused("1 cell is infinite", "line 6, column 'b'", "NaN"):
        load(write(tmp_path / "t.csv", x))


def test_a_number_beyond_float32_is_placed_by_its_column(tmp_path, refused):
    x = X.copy()
    x[4, 2] = 1e200
    with refused("too large for float32", "line 6, column 'c'", "Rescale"):
        load(write(tmp_path / "t.csv", x))


@pytest.mark.parametrize("header", ["a,b,c", None, '"a\n(of b)",b,c'])
@pytest.mark.parametrize("blank", [False, True])
def test_a_cell_is_placed_by_the_line_that_an_editor_shows(header, blank, tmp_path, refused):
    x = X.copy()
    x[7, 1] = np.inf
    path = write(tmp_path / "t.csv", x, header=header)
    if blank:
        path.write_text(path.read_text().replace("\n", "\n\n"))
    line = 1 + next(i for i, text in enumerate(path.read_text().split("\n")) if "inf" in text)
    with refused("infinite", f"first at line {line}, column", ""):
        load(path)


def test_text_among_numbers_is_placed_by_its_line(tmp_path, refused):
    path = write(tmp_path / "t.csv")
    path.write_text(path.read_text().replace(str(X[5, 0]), "about 3"))
    with refused("'a' holds numbers, but also text: 'about 3'", "first at line 7", "empty"):
        load(path)


def test_a_row_of_another_length_is_placed_by_its_line(tmp_path, refused):
    path = write(tmp_path / "t.csv")
    path.write_text(path.read_text().rstrip("\n") + ",9\n")
    with refused("a line has 4 cells, the first line 3", "t.csv, line 21", "(',')"):
        load(path)


def test_a_wild_value_is_placed_by_its_line(tmp_path):
    x = X.copy()
    x[4, 2] = 1e30
    d = load(write(tmp_path / "몸 무게.csv", x, header="키,나이,소득"))
    assert "line 6, column '소득' is 1e+30" in d.notes[0]
