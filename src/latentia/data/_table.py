"""Tables: columns of numbers become examples, one column may become the labels."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.data import _identifier as identifier
from latentia.data._infer import FEWEST
from latentia.data._labels import MOST_CLASSES
from latentia.data._raw import Raw
from latentia.data._wanted import Wanted, require_there
from latentia.data._where import Where
from latentia.errors import DataError, UsageError

__all__ = ["raw_of_frame", "raw_of_table"]

Array = npt.NDArray[Any]

_LABEL_NAMES = ("label", "labels", "class", "target", "species", "y")
_FEW = 50  # distinct values of a text column that still look like classes


def raw_of_frame(frame: Any, y: Any, *, name: str, wanted: Wanted) -> Raw:
    """Take the numbers and labels out of a data frame: pandas, polars, or an Arrow table.

    Raises:
        DataError: if it cannot be converted or holds no column of numbers.
    """
    import pyarrow as pa

    try:
        if hasattr(frame, "iloc") or not hasattr(frame, "__arrow_c_stream__"):
            table = pa.Table.from_pandas(frame, preserve_index=False)
        else:
            table = pa.table(frame)
    except (pa.ArrowException, TypeError, AttributeError, ValueError) as error:
        raise DataError(
            f"The data frame cannot be read: {error}",
            where=name,
            how="Give its numbers: frame.to_numpy().",
        ) from error
    return raw_of_table(table, Where("memory"), wanted, y=y)


def raw_of_table(
    table: Any, where: Where, wanted: Wanted, *, y: Any = None, notes: tuple[str, ...] = ()
) -> Raw:
    """Take the numbers and labels out of an Arrow table.

    Arguments:
        table: A `pyarrow.Table`, one row per example.
        where: Where it was found, and what its rows are called.
        wanted: Which columns are asked for, by the user or by a model.
        y: Labels given beside the table; then no column is taken for them.
        notes: What the reader did already.

    Raises:
        DataError: if no column of numbers is left, or a cell cannot be read.
        UsageError: if a column is asked for that is not there.
    """
    raw = Raw(None, y, notes=list(notes), row=where.row)
    names = [str(column) for column in table.column_names]
    _refuse_twins(names, where.source)
    columns = {column: table.column(i) for i, column in enumerate(names)}
    if table.num_rows < (FEWEST if wanted.like is None else 1):
        raw.x = np.zeros((table.num_rows, max(1, len(columns))))
        return raw  # too few for anything, which whoever examines them says
    _leave_out(columns, wanted.drop, raw.notes)
    if wanted.like is None:
        require_there(wanted.named, columns, "--columns")
    both = [name for name in wanted.beside if name in wanted.named]
    if both:
        raise UsageError(
            f"Columns are to be data and conditions at once: {_some(both)}.",
            where="--columns, --condition",
            how="Name each in one of them.",
        )
    asked = {name: columns.pop(name) for name in wanted.beside if name in columns}
    raw.beside = {name: _values(name, column) for name, column in asked.items()}
    if y is None:
        labels = next((name for name in asked if _names_classes(name, asked[name])), None)
        if labels is None:
            raw.y = _take_labels(columns, wanted.named, raw.notes)
        else:
            raw.y = _objects(asked[labels])
    if wanted.named:
        numbers = _just(columns, wanted, where, raw.notes)
    else:
        numbers = _numbers(columns, where, raw.notes)
    if wanted.like is None:
        if not wanted.columns:
            numbers = _without_identifiers(numbers, raw.notes)
        numbers = _without_idle(numbers, where.source, raw)
    raw.columns = tuple(numbers)
    raw.x = np.stack(list(numbers.values()), axis=1)
    return raw


def _leave_out(columns: dict[str, Any], drop: tuple[str, ...], notes: list[str]) -> None:
    """Take the columns that the user does not want out of the columns."""
    require_there(drop, columns, "--drop")
    for name in drop:
        columns.pop(name, None)
    if drop:
        notes.append(f"Left out as asked: {_some(list(drop))}.")


def _just(
    columns: dict[str, Any], wanted: Wanted, where: Where, notes: list[str]
) -> dict[str, Array]:
    """Return the columns asked for, and only these, in the order asked for."""
    like, named = wanted.like, wanted.named
    if like is None:
        others = [column for column in columns if column not in named]
        if others:
            notes.append(f"Not among --columns, so left out: {_some(others)}.")
    absent = [column for column in named if column not in columns]
    if like is not None and absent:
        raise DataError(
            f"Columns are missing: {_some(absent)}.",
            where=where.source,
            how=f"Give the columns of {like.name!r}: {_some(list(named), 20)}.",
        )
    numbers = _numbers({column: columns[column] for column in named}, where, notes)
    absent = [column for column in named if column not in numbers]
    if absent:
        raise DataError(
            f"Columns are not numbers: {_some(absent)}.",
            where=where.source,
            how="Encode them as numbers" + (f", as in {like.name!r}." if like else "."),
        )
    return numbers


def _refuse_twins(names: list[str], source: str) -> None:
    twins = [column for column, times in Counter(names).items() if times > 1]
    if twins:
        raise DataError(
            f"Columns share a name: {_some(twins)}.", where=source, how="Rename one of each."
        )


def _take_labels(columns: dict[str, Any], taken: tuple[str, ...], notes: list[str]) -> Any:
    """Take the label column out of the columns, if there is one that is not taken as data.

    Returns:
        Its values as an array, or None.
    """
    named = [c for c in columns if c.strip().lower() in _LABEL_NAMES and c not in taken]
    named.sort(key=lambda c: _LABEL_NAMES.index(c.strip().lower()))
    for column in named:
        if len(columns) > 1 and _classes(columns[column]):
            notes.append(f"Column {column!r} is taken as the label, not as data.")
            return _objects(columns.pop(column))
    texts = [c for c in columns if _is_text(columns[c]) and c not in taken]
    if len(texts) == 1 and len(columns) > 1:
        distinct = len(set(_objects(columns[texts[0]]).tolist()) - {None})
        rows = len(columns[texts[0]])
        if not _stray(columns[texts[0]]) and 2 <= distinct <= min(_FEW, rows // 2):
            notes.append(
                f"Column {texts[0]!r}, the only one of text, is taken as the label "
                f"({distinct} classes)."
            )
            return _objects(columns.pop(texts[0]))
    return None


def _classes(column: Any) -> bool:
    """Say whether a column can be class labels: text, booleans, or few whole numbers."""
    import pyarrow.types as kinds

    if _is_text(column) or kinds.is_boolean(column.type):
        return True
    if not (kinds.is_integer(column.type) or kinds.is_floating(column.type)):
        return False
    values = np.unique(column.drop_null().to_numpy().astype(np.float64))
    values = values[~np.isnan(values)]
    few = len(values) <= min(MOST_CLASSES, max(10, len(column) // 2))
    return few and bool((values == np.floor(values)).all())


def _numbers(columns: dict[str, Any], where: Where, notes: list[str]) -> dict[str, Array]:
    """Turn columns into floats with NaN for empty cells, leaving out what is no number."""
    import pyarrow.types as kinds

    numbers: dict[str, Array] = {}
    left_out: dict[str, str] = {}
    for name, column in columns.items():
        kind = column.type
        if kinds.is_boolean(kind):
            numbers[name] = column.cast("uint8").cast("float64").to_numpy()
        elif kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
            numbers[name] = column.cast("float64", safe=False).to_numpy()
        elif kinds.is_null(kind):
            numbers[name] = np.full(len(column), np.nan)
        elif _is_text(column):
            stray = _stray(column)
            if stray:
                raise DataError(
                    f"Column {name!r} holds numbers, but also text: {stray[1]!r}.",
                    where=f"{where.source}, first at {where.row(stray[0])}",
                    how="Correct or empty that cell (an empty cell counts as missing).",
                )
            left_out[name] = "text"
        else:
            left_out[name] = str(kind)
    if not numbers:
        raise DataError(
            f"No column holds numbers; there are: {_described(left_out) or 'none'}.",
            where=where.source,
            how="Encode them as numbers; a column of classes may be called 'label'.",
        )
    if left_out:
        notes.append(f"Columns that are no numbers were dropped: {_described(left_out)}.")
    return numbers


def _without_identifiers(numbers: dict[str, Array], notes: list[str]) -> dict[str, Array]:
    """Drop the columns that count or name the rows, and name those that might."""
    found = [name for name, values in numbers.items() if identifier.identifies(name, values)]
    kept = {name: values for name, values in numbers.items() if name not in found}
    if found and kept:
        notes.append(identifier.note_dropped(found))
    for name, values in (kept or numbers).items():
        why = identifier.suspicion(name, values)
        if why:
            notes.append(identifier.note_kept(name, why))
    return kept or numbers


def _without_idle(numbers: dict[str, Array], source: str, raw: Raw) -> dict[str, Array]:
    """Drop empty and constant columns, naming them."""
    empty = [c for c, values in numbers.items() if np.isnan(values).all()]
    if empty:
        raw.notes.append(f"Columns without any value were dropped: {_some(empty)}.")
    constant = [
        c
        for c, values in numbers.items()
        if c not in empty and np.ptp(values[~np.isnan(values)]) == 0
    ]
    raw.constant = tuple(constant)
    if constant:
        raw.notes.append(
            f"Constant columns were dropped: {_some(constant)} (they carry no information, and "
            f"a density on them would be infinite)."
        )
    kept = {c: v for c, v in numbers.items() if c not in {*empty, *constant}}
    if not kept:
        raise DataError(
            f"Every column is constant or empty: {_some(list(numbers))}.",
            where=source,
            how="Give at least one column whose values differ.",
        )
    return kept


def _is_text(column: Any) -> bool:
    import pyarrow.types as kinds

    kind = column.type.value_type if kinds.is_dictionary(column.type) else column.type
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind))


def _stray(column: Any) -> tuple[int, str] | None:
    """Return row and text of the first cell that spoils a column of numbers, if it is one."""
    values = _objects(column).tolist()
    wrong = [(i, v) for i, v in enumerate(values) if v is not None and not _is_number(v)]
    present = sum(value is not None for value in values)
    return wrong[0] if wrong and len(wrong) < present / 2 else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _names_classes(name: str, column: Any) -> bool:
    """Say whether a column is called what labels are called, and can be labels."""
    return name.strip().lower() in _LABEL_NAMES and _classes(column)


def _values(name: str, column: Any) -> Array:
    """Return a column as numbers where it is one of numbers, else as the classes that it names."""
    import pyarrow.types as kinds

    kind = column.type
    if _names_classes(name, column):
        text = [
            None if v is None or v != v else f"{v:g}" if isinstance(v, float) else str(v)
            for v in column.to_pylist()
        ]
        return np.array(text, dtype=object)
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        numbers: Array = column.cast("float64", safe=False).to_numpy()
        return numbers
    return _objects(column)


def _objects(column: Any) -> Array:
    return np.array(column.to_pylist(), dtype=object)


def _some(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f", ... ({len(names)} in all)" if len(names) > most else "")


def _described(kinds: dict[str, str]) -> str:
    return _some([f"{name} ({kind})" for name, kind in kinds.items()])
