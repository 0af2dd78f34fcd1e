"""List, check or fetch data sets."""

from __future__ import annotations

from typing import Any, Literal

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["data"]


def data(
    shell: Shell,
    action: Literal["list", "check", "fetch"],
    name: str | None = None,
    *,
    size: int | None = None,
    data_root: str | None = None,
) -> None:
    """List the named data sets and formats, check DATA before training, or fetch a named set.

    \b
    latentia data list
    latentia data check FILE-OR-FOLDER
    latentia data fetch mnist

    Arguments:
        size: Side in pixels to which a folder's images are brought.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """  # noqa: D301 (a backspace is click's sign for keeping lines)
    from latentia import data as sets

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
    found_data = sets.check(name, root=data_root, size=size)
    shell.give(found_data, _text(found_data))


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
    if found["missing"]:
        shares = ", ".join(f"{column} {share:.1%}" for column, share in found["missing"].items())
        lines.append(f"  missing   {shares}")
    lines += [f"  note      {note}" for note in found["notes"]]
    from latentia.data import Schema
    from latentia.design import Wishes, decide

    _, reasons = decide(Schema.from_dict(schema), Wishes())
    lines += [f"  would use {reason}" for reason in reasons]
    return "\n".join(lines)
