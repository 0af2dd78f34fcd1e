"""The columns of a table as lines of text, for `data check` and the start of `train`."""

from __future__ import annotations

from typing import Any

__all__ = ["table_of"]

_MOST = 24  # columns shown; of more, the first and the last


def table_of(columns: list[dict[str, Any]]) -> list[str]:
    r"""Write what each column holds, one line each, the middle of many left out.

    Arguments:
        columns: What `latentia.data.check` says of them.

    Example:
        >>> column = {"name": "age", "kind": "whole", "low": 18, "high": 90, "missing": 0.25}
        >>> print("\n".join(table_of([column])))
        column  kind   from  to  missing
        age     whole    18  90    25.0%
    """
    if not columns:
        return []
    cells = [_cells(column) for column in columns]
    left_out = len(cells) - _MOST
    if left_out > 0:
        cells[_MOST - 4 : -4] = [[f"... {left_out} more", "", "", "", ""]]
    rows = [["column", "kind", "from", "to", "missing"], *cells]
    if not any(column["missing"] for column in columns):
        rows = [row[:-1] for row in rows]
    return _aligned(rows)


def _cells(column: dict[str, Any]) -> list[str]:
    low, high = _ends(column["low"], column["high"])
    missing = f"{column['missing']:.1%}" if column["missing"] else ""
    return [column["name"], column["kind"], low, high, missing]


def _ends(low: float | None, high: float | None) -> tuple[str, str]:
    """Write the ends of a range, with as many digits as tell them apart.

    Example:
        >>> _ends(18, 90), _ends(1700000000, 1700003600)
        (('18', '90'), ('1700000000', '1700003600'))
    """
    if low is None or high is None:
        return "", ""
    for digits in (6, 10, 17):
        written = f"{low:.{digits}g}", f"{high:.{digits}g}"
        if low == high or written[0] != written[1]:
            break
    return written


def _aligned(rows: list[list[str]]) -> list[str]:
    """Pad cells to columns, text to the left; Hangul and kanji take two places."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        gaps = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        padded = [
            cell + gap if place < 2 else gap + cell
            for place, (cell, gap) in enumerate(zip(row, gaps, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return lines
