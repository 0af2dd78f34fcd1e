"""List, check or fetch data sets."""

from __future__ import annotations

from typing import Any, Literal

from latentia.command._described import table_of
from latentia.errors import UsageError
from latentia.options import column_names
from latentia.shell import Shell

__all__ = ["data"]


def data(
    shell: Shell,
    action: Literal["list", "check", "fetch"],
    name: str | None = None,
    *,
    size: int | None = None,
    columns: str | None = None,
    drop: str | None = None,
    data_root: str | None = None,
) -> None:
    """List the named data sets and formats, check DATA before training, or fetch a named set.

    \b
    latentia data list
    latentia data check FILE-OR-FOLDER
    latentia data fetch mnist

    Arguments:
        size: Side in pixels to which a folder's images are brought.
        columns: The columns of a table that are the data: a,b,c; '*' for all, identifiers too.
        drop: Columns of a table to leave out: a,b,c.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """  # noqa: D301 (a backspace is click's sign for keeping lines)
    from latentia import data as sets

    if action == "list" and name is not None:
        raise UsageError(
            f"The list is of all data sets; {name!r} has no place in it.",
            where=f"latentia data list {name}",
            how=f"To see what is in one: `latentia data check {name}`.",
        )
    if action != "check" and any(value is not None for value in (size, columns, drop)):
        raise UsageError(
            f"`latentia data {action}` reads no data, so nothing is chosen of them.",
            where="--size, --columns, --drop",
            how="Leave them out; `data check` and `train` take them.",
        )
    if action == "list":
        found = {known: sets.where(known, root=data_root) for known in sets.names()}
        formats = sets.formats()
        lines = [
            f"{known:<14} {place or 'not here yet: latentia data fetch ' + known}"
            for known, place in found.items()
        ]
        lines.append(f"paths          {'; '.join(formats.values())}")
        shell.give({"names": found, "formats": formats}, "\n".join(lines))
        return
    if name is None:
        raise UsageError(f"Which data? `latentia data {action} DATA`.", where="DATA")
    if action == "fetch":
        place = sets.fetch(name, root=data_root)
        shell.give({"name": name, "where": place}, f"{name}: {place}")
        return
    found_data = sets.check(
        name,
        root=data_root,
        size=size,
        columns=column_names(columns, "--columns"),
        drop=column_names(drop, "--drop"),
    )
    shell.give(found_data, _text(found_data))


def _marked(lines: list[str]) -> list[str]:
    """Put a heading before the first line, and room for it before the others."""
    return [f"{'columns' if i == 0 else '':<9} {line}" for i, line in enumerate(lines)]


def _text(found: dict[str, Any]) -> str:
    schema = found["schema"]
    shape = "x".join(map(str, schema["shape"]))
    low, high = found["range"]
    parts = ", ".join(f"{n} {part}" for part, n in found["parts"].items())
    lines = [
        f"{schema['name']}  ({schema['source']})",
        f"  examples  {found['n']} of shape {shape}: {parts}",
        f"  values    {schema['kind']}, from {low:g} to {high:g}",
    ]
    if found["classes"]:
        counts = ", ".join(f"{label}: {n}" for label, n in found["classes"].items())
        lines.append(f"  labels    {counts}")
    if found["factors"]:
        counts = ", ".join(f"{factor}: {n} values" for factor, n in found["factors"].items())
        lines.append(f"  factors   {counts}")
    if found["columns"]:
        lines += [f"  {line}" for line in _marked(table_of(found["columns"]))]
    lines += [f"  note      {note}" for note in found["notes"]]
    from latentia.data import Schema
    from latentia.design import Wishes, decide

    _, reasons = decide(Schema.from_dict(schema), Wishes())
    lines += [f"  would use {reason}" for reason in reasons]
    return "\n".join(lines)
