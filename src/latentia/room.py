"""Rooms: a folder of the package is a menu, and the file name is the name.

`latentia.prior` is a room; `prior/standard_normal.py` is its member `standard-normal`. Menus,
command-line choices, the docs and the contract tests all read the folder through this module,
so adding a member is adding a file. Nothing here imports torch: names, summaries and options are
read from the source text, which keeps `latentia --help` fast.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from latentia.errors import UsageError

__all__ = [
    "Member",
    "Option",
    "argument_help",
    "as_number",
    "build",
    "load",
    "member",
    "members",
    "names",
    "require_known",
    "spec",
]

_FIRST = {"network": "mlp"}  # which of several members that have an option is offered first
_NOT_MEMBERS = {"base"}
_FLAGS = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)


@dataclass(frozen=True)
class Option:
    """A keyword-only constructor argument of a member: a flag of the command line.

    Arguments:
        name: The argument's name.
        annotation: Its type as written in the source.
        default: Its default value.
        help: Its line in the class docstring.
    """

    name: str
    annotation: str
    default: Any
    help: str


@dataclass(frozen=True)
class Member:
    """One file of a room, as its source text describes it.

    Arguments:
        room: The room, e.g. `prior`.
        name: The member's name on the command line, e.g. `standard-normal`.
        module: The module to import.
        class_name: The class it defines.
        summary: The first sentence of that class's docstring.
        options: Its keyword-only constructor arguments.
    """

    room: str
    name: str
    module: str
    class_name: str
    summary: str
    options: tuple[Option, ...]


def names(room: str) -> list[str]:
    """Return the names of a room's members, in alphabetical order.

    Example:
        >>> "standard-normal" in names("prior")
        True
    """
    package = importlib.import_module(f"latentia.{room}")
    found = (info.name for info in pkgutil.iter_modules(package.__path__))
    return sorted(
        name.replace("_", "-")
        for name in found
        if name not in _NOT_MEMBERS and not name.startswith("_")
    )


def member(room: str, name: str) -> Member:
    """Describe one member of a room without importing it.

    Raises:
        UsageError: if the room has no such member; the message names the nearest ones.
    """
    known = names(room)
    wanted = name.replace("_", "-").lower()
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"There is no {room} called {name!r}.",
            where=f"--{room} {name}",
            how=f"{hint}Choose one of: {', '.join(known)}.",
        )
    return _describe(room, wanted, _source(room, wanted))


def members(room: str) -> list[Member]:
    """Describe every member of a room, in alphabetical order, without importing any."""
    return [member(room, name) for name in names(room)]


def load(room: str, name: str) -> type[Any]:
    """Import a member and return its class."""
    found = member(room, name)
    return getattr(importlib.import_module(found.module), found.class_name)  # type: ignore[no-any-return]


def spec(room: str, value: str | dict[str, Any]) -> dict[str, Any]:
    """Write a component down in full: its name and every option, defaults included.

    Arguments:
        room: The room, e.g. `prior`.
        value: A name, or a dictionary with `name` and some options; an option written as text
            is given the type that the member's source says.

    Returns:
        A JSON-able dictionary from which `build` makes the same component again.

    Raises:
        UsageError: on an unknown name or option, or a text of another type.

    Example:
        >>> spec("objective", {"name": "elbo", "beta": 2.0})["beta"]
        2.0
    """
    given = {"name": value} if isinstance(value, str) else dict(value)
    if not isinstance(given.get("name"), str):
        raise UsageError(
            f"A {room} needs a name, and {value} has none.",
            where=f"--{room}",
            how=f"Choose one of: {', '.join(names(room))}.",
        )
    name = given.pop("name")
    found = member(room, name)
    known = {option.name: option.default for option in found.options}
    _require_own(given, found)
    require_known(given, list(known), f"{room} {found.name}")
    types = {option.name: option.annotation for option in found.options}
    for key, value in given.items():
        where = f"--{room}.{key}"
        if isinstance(value, str):
            given[key] = _typed(value, types[key], where)
        elif not _is_a(value, types[key]):
            raise UsageError(f"{value!r} cannot be: it should be {types[key]}.", where=where)
        else:
            given[key] = _plain(value)
    return {"name": found.name, **known, **given}


def _require_own(given: dict[str, Any], found: Member) -> None:
    """Refuse an option of another member of the room, and say whose it is."""
    for key in set(given) - {option.name for option in found.options}:
        owners = [m.name for m in members(found.room) if key in {o.name for o in m.options}]
        owners.sort(key=lambda name: (name != _FIRST.get(found.room), name))
        if owners:
            raise UsageError(
                f"There is no option {key!r} of {found.room} {found.name}: it is one of "
                f"{', '.join(owners)}.",
                where=f"--{found.room}.{key.replace('_', '-')}",
                how=f"Use --{found.room} {' or '.join(owners)}, or leave it out.",
            )


def require_known(given: dict[str, Any], known: list[str], origin: str) -> None:
    """Refuse an option that does not exist.

    Arguments:
        given: Options by name.
        known: The names that there are.
        origin: Whose options they are.

    Raises:
        UsageError: naming the option and the nearest one.
    """
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"There is no option {key!r}.",
                where=origin,
                how=f"{hint}Its options: {', '.join(known) or 'none'}.",
            )


def build(room: str, value: str | dict[str, Any], **injected: Any) -> Any:
    """Build a component from its written form.

    Arguments:
        room: The room.
        value: A name, or a dictionary with `name` and options.
        injected: What the builder can offer (`latent_dim`, `x_shape`, ...). A constructor takes
            what its positional parameters name and nothing else.
    """
    written = spec(room, value)
    cls = load(room, written.pop("name"))
    positional = [
        p.name
        for p in inspect.signature(cls).parameters.values()
        if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    ]
    options = {k: tuple(v) if isinstance(v, list) else v for k, v in written.items()}
    return cls(*(injected[name] for name in positional), **options)


def _source(room: str, name: str) -> Path:
    package = importlib.import_module(f"latentia.{room}")
    for folder in package.__path__:
        path = Path(folder) / f"{name.replace('-', '_')}.py"
        if path.exists():
            return path
    raise FileNotFoundError(f"{room}/{name}")


@cache
def _describe(room: str, name: str, path: Path) -> Member:
    module = path.stem
    tree = ast.parse(path.read_text(encoding="utf8"), filename=str(path))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_final(node)]
    if len(classes) != 1:
        found = ", ".join(node.name for node in classes) or "none"
        raise TypeError(f"{path} must define exactly one @final class; found: {found}")
    cls = classes[0]
    doc = inspect.cleandoc(ast.get_docstring(cls) or "")
    init = next(
        (n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None
    )
    options = () if init is None else _options(init, doc)
    return Member(
        room,
        name,
        f"latentia.{room}.{module}",
        cls.name,
        doc.split("\n\n")[0].replace("\n", " "),
        options,
    )


def _is_final(node: ast.ClassDef) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "final" for d in node.decorator_list)


def _options(init: ast.FunctionDef, doc: str) -> tuple[Option, ...]:
    pairs = zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
    return tuple(
        Option(
            name=arg.arg,
            annotation=ast.unparse(arg.annotation) if arg.annotation else "str",
            default=None if default is None else ast.literal_eval(default),
            help=argument_help(doc, arg.arg),
        )
        for arg, default in pairs
    )


def argument_help(doc: str, name: str) -> str:
    """Return what the `Arguments:` section of a docstring says about one argument."""
    lines = iter(doc.split("\n"))
    for line in lines:
        stripped = line.strip()
        if stripped.startswith(f"{name}:"):
            text, indent = [stripped[len(name) + 1 :].strip()], len(line) - len(line.lstrip())
            for more in lines:
                if not more.strip() or len(more) - len(more.lstrip()) <= indent:
                    break
                text.append(more.strip())
            return " ".join(text)
    return ""


def as_number(text: str, where: str) -> float:
    """Return a text as a number.

    Raises:
        UsageError: if it is none.
    """
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text!r} is no number.", where=where) from None


def _typed(text: str, annotation: str, where: str) -> Any:
    """Return a text in the type that an annotation says."""
    if annotation.startswith("Literal["):
        choices = [str(c) for c in ast.literal_eval(f"({annotation[8:-1]},)")]
        if text not in choices:
            raise UsageError(
                f"{text!r} cannot be.", where=where, how=f"Choose one of: {', '.join(choices)}."
            )
        return text
    if annotation.startswith("tuple[int"):
        return [_whole(part, where) for part in text.split(",") if part]
    if annotation.startswith("bool"):
        if text.lower() not in _FLAGS:
            raise UsageError(f"{text!r} is neither yes nor no.", where=where)
        return _FLAGS[text.lower()]
    if annotation.startswith("int"):
        return _whole(text, where)
    return as_number(text, where) if annotation.startswith("float") else text


def _plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's, which JSON can hold."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return int(value) if isinstance(value, Integral) else float(value)


def _is_a(value: Any, annotation: str) -> bool:
    """Say whether a value out of Python or TOML is of the type that an annotation says."""
    if value is None:
        return "None" in annotation
    if annotation.startswith("tuple[int"):
        whole = isinstance(value, list | tuple)
        return whole and all(isinstance(i, Integral) and not isinstance(i, bool) for i in value)
    if isinstance(value, bool):
        return annotation.startswith("bool")
    if annotation.startswith("float"):
        return isinstance(value, Real)
    return isinstance(value, Integral) and annotation.startswith("int")


def _whole(text: str, where: str) -> int:
    value = as_number(text, where)
    if not value.is_integer():
        raise UsageError(f"{text!r} is no whole number.", where=where)
    return int(value)
