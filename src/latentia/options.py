"""Options of components, from the command line and from TOML files, as dictionaries."""

from __future__ import annotations

import ast
import csv
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import click

from latentia import room
from latentia.errors import UsageError

__all__ = [
    "column_names",
    "component_options",
    "gathered",
    "member_options",
    "named_member",
    "read_config",
    "said_condition",
    "word_for",
]


def column_names(given: str | Iterable[str] | None, where: str) -> tuple[str, ...]:
    """Return the names of columns that an option or a file lists.

    Arguments:
        given: Names between commas, those with a comma in double quotes; or a list of names.
        where: What messages call it.

    Raises:
        UsageError: if a name is empty or comes twice.

    Example:
        >>> column_names('age,"height, cm"', "--columns")
        ('age', 'height, cm')
    """
    if given is None:
        return ()
    read = (
        next(csv.reader([given], skipinitialspace=True), [""]) if isinstance(given, str) else given
    )
    found = tuple(str(name).strip() for name in read)
    if not found or not all(found) or len(set(found)) < len(found):
        raise UsageError(
            f"{given!r} is no list of different column names.",
            where=where,
            how="Write names between commas: --columns age,weight.",
        )
    return found


def component_options(rooms: Iterable[str]) -> list[click.Parameter]:
    """Return the options `--room NAME` and `--room.option VALUE` of every member of some rooms.

    They are read from the files of the rooms, so a new member has its options at once.
    """
    found: list[click.Parameter] = []
    for name in rooms:
        members = room.members(name)
        menu = "; ".join(f"{m.name}: {_short(m.summary)}" for m in members)
        found.append(click.Option([f"--{name}", name], metavar="NAME", default=None, help=menu))
        by_option: dict[str, list[str]] = {}
        types: dict[str, list[str]] = {}
        for member in members:
            for option in member.options:
                text = (
                    f"{member.name}: {_short(option.help)} [default: {_written(option.default)}]"
                )
                by_option.setdefault(option.name, []).append(text)
                types.setdefault(option.name, []).append(option.annotation)
        for option_name, texts in by_option.items():
            flag = f"--{name}.{option_name}"
            dashed = f"--{name}.{option_name.replace('_', '-')}"
            found.append(
                click.Option(
                    [*dict.fromkeys((dashed, flag)), flag[2:].replace(".", "__")],
                    metavar=word_for(*types[option_name]),
                    default=None,
                    help="; ".join(texts),
                )
            )
    return found


def member_options(room_name: str) -> list[click.Parameter]:
    """Return the options `--member.option VALUE` of every member of one room.

    For rooms of which several members are used at once, such as the figures.
    """
    return [
        click.Option(
            [
                *dict.fromkeys(
                    f"--{member.name}.{name}"
                    for name in (option.name.replace("_", "-"), option.name)
                ),
                _identifier(member, option),
            ],
            metavar=word_for(option.annotation),
            default=None,
            help=f"{_short(option.help)} [default: {_written(option.default)}]",
        )
        for member in room.members(room_name)
        for option in member.options
    ]


def word_for(*annotations: str) -> str:
    """Return what stands for a value in the help of an option.

    Arguments:
        annotations: The types that it can have, as the source writes them.

    Example:
        >>> word_for("float | None"), word_for("Literal['a', 'b']"), word_for("int", "tuple[int]")
        ('NUMBER', 'a|b', 'N,N,...')
    """
    words = {_word(annotation) for annotation in annotations}
    for word in ("N,N,...", "NUMBER", "INTEGER"):  # the wider one says both
        if word in words:
            return word
    return words.pop() if len(words) == 1 else "VALUE"


def _word(annotation: str) -> str:
    if annotation.startswith("Literal["):
        return "|".join(map(str, ast.literal_eval(f"({annotation[8:-1]},)")))
    words = {"tuple[int": "N,N,...", "int": "INTEGER", "float": "NUMBER", "bool": "yes|no"}
    return next((word for kind, word in words.items() if annotation.startswith(kind)), "NAME")


def by_member(
    given: dict[str, Any], used: Collection[str] | None, unused: str
) -> dict[str, dict[str, Any]]:
    """Sort options `member__option`, as `member_options` has them, by their member.

    Arguments:
        given: Options as click hands them on; None where one was not given.
        used: The members that take part; None where all do.
        unused: What is said of one that does not, as in "is not to be drawn".

    Raises:
        UsageError: if an option belongs to a member that takes no part.

    Example:
        >>> by_member({"latent_map__n": "3", "samples__n": None}, None, "is not to be drawn")
        {'latent-map': {'n': '3'}}
    """
    found: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        if value is not None:
            name, option = key.split("__")
            found.setdefault(name.replace("_", "-"), {})[option] = value
    idle = [name for name in found if used is not None and name not in used]
    if idle:
        raise UsageError(
            f"There are options for {' and '.join(idle)}, which {unused}.",
            where=f"--{idle[0]}.{next(iter(found[idle[0]]))}",
            how=f"Add the name {idle[0]}, or leave the option out.",
        )
    return found


def named_member(room_name: str, name: str, place: str) -> str:
    """Return the name of a member as its room writes it, for one given as an argument.

    Arguments:
        room_name: The room.
        name: What was given.
        place: What the command calls the argument, such as KIND.

    Raises:
        UsageError: if there is none; the message speaks of the argument, not of an option.
    """
    try:
        return room.member(room_name, name).name
    except UsageError as error:
        raise UsageError(error.what, where=f"{place} {name}", how=error.how) from None


def _identifier(member: room.Member, option: room.Option) -> str:
    """Return the name under which click hands an option on; dots are not allowed in it."""
    return f"{member.name.replace('-', '_')}__{option.name}"


def gathered(given: dict[str, Any], rooms: Iterable[str]) -> dict[str, Any]:
    """Gather `room` and `room.option` texts into one dictionary per component.

    Arguments:
        given: Options as click has them: `{"prior": "mixture", "prior.components": "20"}`.
        rooms: The rooms among them.

    Returns:
        `{"prior": {"name": "mixture", "components": "20"}}`, and everything else unchanged;
        `room.spec` gives the texts their types once the member is chosen.

    Raises:
        UsageError: if a room has no such member.

    Example:
        >>> gathered({"prior": "mixture", "prior.components": "20", "epochs": 3}, ["prior"])
        {'epochs': 3, 'prior': {'name': 'mixture', 'components': '20'}}
    """
    result = {key: value for key, value in given.items() if key.split(".")[0] not in rooms}
    for name in rooms:
        spec: dict[str, Any] = {}
        if name in given:
            spec["name"] = room.member(name, given[name]).name
        for key, text in given.items():
            if key.startswith(f"{name}."):
                spec[key.split(".", 1)[1]] = text
        if spec:
            result[name] = spec
    return result


def read_config(path: Path) -> dict[str, Any]:
    """Read a TOML file of options; dashes and underscores in keys are the same.

    Raises:
        UsageError: if the file is missing or no TOML.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise UsageError(
            "There is no such file.",
            where=f"--config {path}",
            how="Check the path; --list-presets shows the options that come with latentia.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"This file cannot be read: {error.strerror}.", where=f"--config {path}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"This file is no TOML: {error}.",
            where=f"--config {path}",
            how='Write `epochs = 20`, and a component as `[prior]` with `name = "mixture"`.',
        ) from None
    return {key.replace("-", "_"): value for key, value in written.items()}


def _written(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _short(text: str) -> str:
    """Return the first clause of a sentence, without mark-up."""
    return text.split(":math:")[0].split(". ")[0].replace("`", "").rstrip(".: ")


def said_condition(condition: str) -> Any:
    """Return what `--condition` says: values by name, or a single value.

    Raises:
        UsageError: if it does not say what is which.

    Example:
        >>> said_condition("label=7, age=40"), said_condition("7")
        ({'label': '7', 'age': '40'}, '7')
    """
    try:
        parts = next(csv.reader([condition], skipinitialspace=True), [""])
    except csv.Error:  # several lines, which are no list
        parts = ["", ""]
    if len(parts) == 1 and "=" not in parts[0]:
        return parts[0]
    pairs = [part.partition("=") for part in parts]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise UsageError(
            f"{condition!r} does not say what is which.",
            where="--condition",
            how="Write names and values between commas: --condition label=7,age=40.",
        )
    return {name.strip(): value.strip() for name, _, value in pairs}
