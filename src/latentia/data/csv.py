"""Text tables cut by commas, semicolons, tabs, bars or spaces, with or without a header."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from latentia.data._data import Data
from latentia.data._schema import Schema
from latentia.data._table import from_table
from latentia.data.base import PathFormat
from latentia.errors import DataError

__all__ = ["Csv"]

_MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "-nan", "null", "NULL", "None", "?", "#N/A"]


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    header: bool
    width: int
    decimal: str


@final
class Csv(PathFormat):
    """Tables as text, `.csv` or `.tsv`; delimiter, header and decimal comma are detected."""

    suffixes = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
    pattern = ".csv, .tsv"

    def read(self, path: Path, *, size: int | None = None, like: Schema | None = None) -> Data:
        """Read the table; empty cells, NA, null and ? are missing."""
        dialect = _detect(_first_lines(path), path)
        name = path.name.split(".")[0]
        notes = () if dialect.header else ("The file has no header; columns are c0, c1, ...",)
        table = _table(path, dialect)
        return from_table(table, name=name, source=str(path), like=like, notes=notes)


def _first_lines(path: Path) -> list[str]:
    """Return the first hundred lines that are not blank."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
            lines = (line.rstrip("\r\n") for line in itertools.islice(stream, 200))
            found = [line for line in lines if line.strip()][:100]
    except UnicodeDecodeError as error:
        raise DataError(
            f"The file is no text in UTF-8: {error.reason} at byte {error.start}.",
            where=str(path),
            how="Convert it: iconv -f latin1 -t utf-8 (or -f utf-16).",
        ) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"The gzip file is damaged or truncated: {error}.",
            where=str(path),
            how="Copy or download it again.",
        ) from error
    if not found:
        raise DataError("The file holds no rows.", where=str(path), how="Write it again.")
    if "\0" in found[0]:
        raise DataError(
            "The file is no text: it holds zero bytes.",
            where=str(path),
            how="Give it the suffix of its real format.",
        )
    return found


def _detect(lines: list[str], path: Path) -> _Dialect:
    """Find delimiter, header and decimal sign from the first lines."""
    if ".tsv" in path.name.lower():
        delimiter = "\t"
    else:
        # The one that cuts most lines into the same number of cells; the comma comes last, for
        # beside another delimiter it is a decimal sign.
        delimiter = max("\t|;,", key=lambda d: _agreement(lines, d))
        if _agreement(lines, delimiter)[0] is False:
            widths = {len(line.split()) for line in lines}
            delimiter = " " if len(widths) == 1 and widths != {1} else delimiter
    lines = [" ".join(line.split()) for line in lines] if delimiter == " " else lines
    first, *rest = csv.reader(lines, delimiter=delimiter)
    decimal = "."
    if delimiter != "," and any(re.fullmatch(r"\s*-?\d+,\d+\s*", c) for row in rest for c in row):
        decimal = ","
    return _Dialect(delimiter, _is_header(first, rest, decimal), len(first), decimal)


def _agreement(lines: list[str], delimiter: str) -> tuple[bool, float]:
    widths = [len(row) for row in csv.reader(lines[:20], delimiter=delimiter)]
    same = sum(width == widths[0] for width in widths) / len(widths)
    return widths[0] > 1, same


def _is_header(first: list[str], rest: list[list[str]], decimal: str) -> bool:
    """Say whether the first row names the columns."""
    numeric = [_is_number(cell, decimal) for cell in first]
    if not any(numeric):
        return True
    if [cell.strip() for cell in first] in (
        [str(i) for i in range(len(first))],
        [str(i) for i in range(1, len(first) + 1)],
    ):
        return True  # pandas names columns 0, 1, 2, ...
    below = rest[0] if rest else []
    # A name above a number, e.g. `label,0,1,2` above `7,0,0,13`
    return any(
        not named and cell.strip() and _is_number(number, decimal)
        for named, cell, number in zip(numeric, first, below, strict=False)
    )


def _is_number(cell: str, decimal: str) -> bool:
    try:
        float(cell.strip().replace(decimal, "."))
    except ValueError:
        return False
    return cell.strip().lower() not in ("nan", "inf", "-inf", "infinity")


def _single_spaced(path: Path) -> io.BytesIO:
    """Return a table of columns aligned by spaces with one space between cells."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    with opened(path, "rt", encoding="utf-8-sig") as stream:
        return io.BytesIO("\n".join(" ".join(line.split()) for line in stream).encode())


def _table(path: Path, dialect: _Dialect) -> Any:
    import pyarrow as pa
    import pyarrow.csv as reader

    names = None if dialect.header else [f"c{i}" for i in range(dialect.width)]
    try:
        return reader.read_csv(
            path if dialect.delimiter != " " else _single_spaced(path),
            read_options=reader.ReadOptions(column_names=names),
            parse_options=reader.ParseOptions(
                delimiter=dialect.delimiter, newlines_in_values=True
            ),
            convert_options=reader.ConvertOptions(
                null_values=_MISSING, strings_can_be_null=True, decimal_point=dialect.decimal
            ),
        )
    except PermissionError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"The table cannot be read: {str(error).splitlines()[0]}",
            where=str(path),
            how="Give every row the same number of cells, quoting text that holds a delimiter; "
            "copy the file again if it is damaged.",
        ) from error
