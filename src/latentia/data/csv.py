"""Text tables cut by commas, semicolons, tabs, bars or spaces, with or without a header."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
import shlex
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, final

from latentia.data._data import Data
from latentia.data._encoding import guess
from latentia.data._table import raw_of_table
from latentia.data._wanted import Wanted
from latentia.data._where import Where
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
    has_columns = True
    pattern = ".csv, .tsv"

    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read the table; empty cells, NA, null and ? are missing."""
        dialect = _detect(_first_lines(path), path)
        notes = () if dialect.header else ("The file has no header; columns are c0, c1, ...",)
        table = _table(path, dialect)

        def line(row: int) -> str:
            return f"line {_line(path, dialect, row)}"

        raw = raw_of_table(table, Where(str(path), row=line), wanted, notes=notes)
        name = path.name.split(".")[0]
        return Data.from_raw(raw, name=name, source=str(path), like=wanted.like)


def _open(path: Path) -> TextIO:
    """Open a text, gzipped or not, with its line breaks as they are."""
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _first_lines(path: Path) -> list[str]:
    """Return the first hundred lines that are not blank."""
    try:
        with _open(path) as stream:
            lines = (line.rstrip("\r\n") for line in itertools.islice(stream, 200))
            found = [line for line in lines if line.strip()][:100]
    except UnicodeDecodeError as error:
        raise _no_utf8(path) from error
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


def _no_utf8(path: Path) -> DataError:
    """Say which encoding a text is most likely in, with a sample to judge by."""
    content = path.read_bytes()
    if path.name.lower().endswith(".gz"):
        content = gzip.decompress(content)
    encoding = guess(content)
    lines = content.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    sample = next((line for line in lines if not line.isascii()), "")
    name = path.name.removesuffix(".gz")
    utf8 = f"{name.partition('.')[0]}-utf8.{name.partition('.')[2]}"
    first = f"gunzip {path.name}; " if name != path.name else ""
    return DataError(
        f"The file is no text in UTF-8. It looks like {encoding}, in which it says "
        f"{sample[:60]!r}.",
        where=str(path),
        how=f"If that reads well, convert it: {first}iconv -f {encoding} -t utf-8 "
        f"{shlex.quote(name)} > {shlex.quote(utf8)}",
    )


def _line(path: Path, dialect: _Dialect, row: int) -> int:
    """Return the line, counted from 1 as an editor does, at which a row of the table begins."""
    with _open(path) as stream:
        for number, (line, _) in enumerate(_records(stream, dialect)):
            if number == row + dialect.header:
                return line
    return 0


def _records(stream: TextIO, dialect: _Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of every row that is not blank."""
    reader = csv.reader(stream, delimiter=dialect.delimiter, skipinitialspace=True)
    line = 1
    for cells in reader:
        if cells:
            yield line, cells
        line = reader.line_num + 1  # quoted cells may hold line breaks


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
    with _open(path) as stream:
        return io.BytesIO("\n".join(" ".join(line.split()) for line in stream).encode())


def _table(path: Path, dialect: _Dialect) -> Any:
    import pyarrow as pa
    import pyarrow.csv as reader

    names = None if dialect.header else [f"c{i}" for i in range(dialect.width)]
    try:
        table = reader.read_csv(
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
        raise _unreadable(path, dialect, str(error).splitlines()[0]) from error
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        raise _no_utf8(path)  # what the first lines did not show
    return table


def _unreadable(path: Path, dialect: _Dialect, reason: str) -> DataError:
    """Place a row that has more or fewer cells than the first, or give the reader's reason."""
    with suppress(EOFError, OSError, UnicodeDecodeError, zlib.error), _open(path) as stream:
        for line, cells in _records(stream, dialect):
            if len(cells) != dialect.width and dialect.delimiter != " ":
                return DataError(
                    f"The table cannot be read: a line has {len(cells)} cells, the first "
                    f"line {dialect.width}.",
                    where=f"{path}, line {line}",
                    how="Give every row the same number of cells, quoting text that holds "
                    f"a delimiter ({dialect.delimiter!r}).",
                )
    return DataError(
        f"The table cannot be read: {reason}",
        where=str(path),
        how="Give every row the same number of cells, quoting text that holds a delimiter; "
        "copy the file again if it is damaged.",
    )
