"""Parquet: one file, or a folder of files that are parts of one table."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any, final

from latentia.data._data import Data
from latentia.data._table import raw_of_table
from latentia.data._wanted import Wanted
from latentia.data._where import Where, row_from_zero
from latentia.data.base import PathFormat, files_below
from latentia.errors import DataError

__all__ = ["Parquet"]


@final
class Parquet(PathFormat):
    """Parquet tables of numbers: a file, or a folder whose files are joined in sorted order."""

    suffixes = (".parquet", ".pq")
    has_columns = True
    pattern = ".parquet (or a folder of them)"

    def claims(self, path: Path) -> bool:
        """Say whether this is a Parquet file or a folder that holds some."""
        if path.is_dir():
            return bool(_files(path, self.suffixes))
        return super().claims(path)

    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read the table, or join the tables of a folder."""
        import pyarrow as pa

        files = _files(path, self.suffixes) if path.is_dir() else [path]
        tables = [_read_file(file) for file in files]
        for file, table in zip(files, tables, strict=True):
            _refuse_other_columns(file, table, files[0], tables[0])
        try:
            table = pa.concat_tables(tables, promote_options="permissive")
        except pa.ArrowException as error:
            raise DataError(
                f"The files differ in the type of a column: {error}",
                where=str(path),
                how="Write them with one schema.",
            ) from error
        notes = (f"{len(files)} files were joined.",) if len(files) > 1 else ()
        where = Where(str(path), row=_rows_of(files, tables))
        raw = raw_of_table(table, where, wanted, notes=notes)
        return Data.from_raw(raw, name=path.stem, source=str(path), like=wanted.like)


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    return [
        file
        for file in files_below(folder)
        if file.name.lower().endswith(suffixes) and not file.name.startswith("_")
    ]


def _rows_of(files: list[Path], tables: list[Any]) -> Callable[[int], str]:
    """Return what messages call a row: its place in its own file."""
    if len(files) == 1:
        return row_from_zero
    ends = list(accumulate(table.num_rows for table in tables))

    def row_of(row: int) -> str:
        which = bisect_right(ends, row)
        start = ends[which - 1] if which else 0
        return f"{row_from_zero(row - start)} of {files[which].name}"

    return row_of


def _read_file(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            return file.read()
    except PermissionError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"This is no Parquet file, or a damaged one: {str(error).splitlines()[0]}",
            where=str(path),
            how="Write or copy it again.",
        ) from error


def _refuse_other_columns(path: Path, table: Any, first: Path, reference: Any) -> None:
    other = set(table.column_names) ^ set(reference.column_names)
    if other:
        raise DataError(
            f"The files are not parts of one table: only one of them has "
            f"{', '.join(sorted(other))}.",
            where=f"{first} and {path}",
            how="Keep files of one table in a folder of their own.",
        )
