"""Where a value stands, in the words of whoever looks for it: an editor's lines, or indices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Where", "row_from_zero"]


def row_from_zero(row: int) -> str:
    """Name a row of an array or data frame.

    Example:
        >>> row_from_zero(4)
        'row 4 (counted from 0)'
    """
    return f"row {row} (counted from 0)"


@dataclass(frozen=True)
class Where:
    """How messages say where the cells of a data set stand.

    Arguments:
        source: The file or folder, or `memory`.
        columns: Names of a table's columns, else empty.
        row: What a row is called: `line 6` of a text file, else its index.

    Example:
        >>> Where("a.csv", ("age",), lambda row: f"line {row + 2}").cell(4, 0)
        "line 6, column 'age'"
        >>> Where("memory").cell(4, 2)
        'row 4, column 2 (both counted from 0)'
    """

    source: str
    columns: tuple[str, ...] = ()
    row: Callable[[int], str] = row_from_zero

    def cell(self, row: int, *place: int) -> str:
        """Name one cell of a table (its row and column) or of a set of images."""
        if self.columns:
            return f"{self.row(row)}, column {self.columns[place[0]]!r}"
        if len(place) == 1:
            return f"row {row}, column {place[0]} (both counted from 0)"
        return f"example {row}, position {place} (all counted from 0)"

    def column(self, place: int) -> str:
        """Name one column."""
        return repr(self.columns[place]) if self.columns else f"{place} (counted from 0)"
