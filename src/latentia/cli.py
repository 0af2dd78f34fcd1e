"""The command line: a table of typed functions.

Every file of `latentia/command/` is a command. Its one public function of the file's name says
everything: positional parameters are arguments, keyword-only parameters are options, their
annotations are the types and its docstring is the help. Only the command that runs is imported.
"""

from __future__ import annotations

import ast
import ctypes
import difflib
import importlib
import inspect
import sys
import typing
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click

from latentia import room
from latentia.errors import LatentiaError, MachineError
from latentia.files import unwritable
from latentia.shell import Shell
from latentia.voice import speaking_flags

__all__ = ["cli", "main"]

_COMMON = [
    click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object."),
    click.Option(
        ["--seed"],
        type=click.IntRange(min=0),
        metavar="INTEGER",
        default=None,
        help="Seed of everything random.",
    ),
    click.Option(
        ["--device"],
        type=click.Choice(["auto", "cpu", "cuda"]),
        default="auto",
        help="Where tensors live.",
    ),
    click.Option(["--quiet"], is_flag=True, help="Say nothing but results and errors."),
]
_INTERRUPTED = 130
# How the values of an option that takes several look in its help.
_LISTS = ("NAME,NAME", "NAME=VALUE", "RUN,RUN")


class _Commands(click.Group):
    """The folder `latentia/command`, read lazily."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return room.names("command")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in room.names("command"):
            return None
        module = importlib.import_module(f"latentia.command.{cmd_name.replace('-', '_')}")
        return _command(cmd_name, getattr(module, cmd_name.replace("-", "_")))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one, name the nearest."""
        known = self.list_commands(ctx)
        near = difflib.get_close_matches(args[0], known, n=1)
        if args[0] not in known and near:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the first line of their files, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(name)) for name in self.list_commands(ctx)])


class _Command(click.Command):
    """A command that knows a negative number from an option, and a list from its last part."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and say of a negative number in an argument's place what is wrong with it."""
        given = list(args)  # click takes it apart
        try:
            rest = super().parse_args(ctx, args)
            self._require_one_list(ctx, given)
            return rest
        except click.NoSuchOption as error:
            if error.option_name[1:].isdecimal():
                number = next(arg for arg in given if arg.startswith(error.option_name))
                ctx.fail(f"{number} cannot stand here: numbers of examples count from 0.")
            raise

    def _require_one_list(self, ctx: click.Context, args: list[str]) -> None:
        """Refuse a list that is given twice, of which click would keep the last in silence."""
        _, _, order = self.make_parser(ctx).parse_args(args)
        lists = [one for one in order if one.metavar in _LISTS]
        for one in lists:
            if lists.count(one) > 1:
                ctx.fail(
                    f"{one.opts[-1]} is given twice, and only the last would count. "
                    f"Write what it lists between commas: {one.opts[-1]} {one.metavar}."
                )


@click.group(cls=_Commands, context_settings={"max_content_width": 100})
@click.version_option(package_name="latentia")
def cli() -> None:
    """Variational autoencoders whose numbers are nats.

    \b
    latentia train mnist5k --out runs/first
    latentia evaluate runs/first
    latentia figure runs/first
    """  # noqa: D301 (a backspace is click's sign for keeping lines)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 2 usage, 3 data, 4 run, 5 machine, 130 stopped."""
    _keep_freed_memory()
    try:
        with speaking_flags():
            code = cli.main(args=arguments, prog_name="latentia", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except LatentiaError as error:
        print(f"latentia: {error}", file=sys.stderr)
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("latentia: interrupted", file=sys.stderr)
        code = _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (`head`, say) has left; leaving too is no error.
        sys.stderr.close()
        code = 0
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        print("latentia: There is not enough memory for this.", file=sys.stderr)
        print("  mend:  Use a smaller network, --batch-size or --size.", file=sys.stderr)
        code = MachineError.exit_code
    except OSError as error:
        # A full disk or a folder without rights, met in the middle of the work.
        where = error.filename or ""
        print(f"latentia: {unwritable(error, where, 'The work stopped')}", file=sys.stderr)
        code = MachineError.exit_code
    sys.exit(code or 0)


def _keep_freed_memory() -> None:
    """Let the C library keep blocks that are freed, where it is glibc.

    It hands every block above 32 MB back to the system at once, and the activations of an image
    network are that large: half of the time then went into getting the same pages again.
    """
    trim_threshold, mmap_threshold = -1, -3  # as malloc.h numbers them
    with suppress(AttributeError, OSError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 1 << 28)
        mallopt(trim_threshold, 1 << 30)


def _out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "allocate memory" in text or "out of memory" in text


def _command(name: str, function: Callable[..., Any]) -> click.Command:
    doc = inspect.cleandoc(function.__doc__ or "")
    hints = typing.get_type_hints(function)
    parameters: list[click.Parameter] = []
    for p in inspect.signature(function).parameters.values():
        if p.name == "shell":
            continue
        if p.kind is p.VAR_KEYWORD:
            parameters += importlib.import_module(function.__module__).OPTIONS
        elif p.kind is p.KEYWORD_ONLY:
            parameters.append(_option(p, hints[p.name], room.argument_help(doc, p.name)))
        else:
            parameters.append(_argument(p, hints[p.name]))

    def callback(**given: Any) -> int | None:
        common = [given.pop(key) for key in ("as_json", "seed", "device", "quiet")]
        shell = Shell(*common)
        positional = [given.pop(name) for name in _positional(function)]
        repeated = [given.pop(name) for name in _repeated(function)]
        result = function(shell, *positional, *(repeated[0] if repeated else ()), **given)
        return typing.cast("int | None", result)

    text = doc.split("Arguments:")[0].strip()
    return _Command(name, params=[*parameters, *_COMMON], callback=callback, help=text)


def _positional(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    return [p.name for p in parameters if p.kind in kinds and p.name != "shell"]


def _repeated(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]


def _argument(p: inspect.Parameter, hint: Any) -> click.Argument:
    many = p.kind is p.VAR_POSITIONAL
    required = p.default is p.empty and not many
    kind, _ = _type(hint)
    # Even None is a default to click, and would leave nothing to miss.
    given = {} if p.default is p.empty else {"default": p.default}
    return click.Argument([p.name], type=kind, nargs=-1 if many else 1, required=required, **given)


def _option(p: inspect.Parameter, hint: Any, text: str) -> click.Option:
    name = "--" + p.name.rstrip("_").replace("_", "-")
    flags = ["-n", name] if p.name == "n" else [name]
    many = get_origin(hint) is tuple  # may be given several times
    kind, flag = _type(get_args(hint)[0] if many else hint)
    given = {} if p.default is p.empty else {"default": p.default}
    shown = given.get("default") not in (None, ()) and not flag
    return click.Option(
        [*flags, p.name],
        type=None if flag else kind,
        is_flag=flag,
        multiple=many,
        metavar=None if flag else _metavar(p.name.rstrip("_"), kind, text),
        required=p.default is p.empty,
        **given,
        show_default=shown,
        help=text,
    )


def _metavar(name: str, kind: Any, text: str) -> str | None:
    """Return what stands for a value in the help of an option; None leaves it to click."""
    if kind is float:
        return "NUMBER"
    known = {
        "host": "ADDRESS",
        "token": "TOKEN",
        "data": "DATA",
        "preset": "NAME",
        "against": "RUN,RUN",
        "with": "RUN",
        "config": "FILE",
    }
    lists = {
        "names": "NAME,NAME",
        "columns": "NAME,NAME",
        "drop": "NAME,NAME",
        "condition": "NAME,NAME",
    }
    if name == "condition" and text.startswith("NAME=VALUE"):
        return "NAME=VALUE"
    first = text.split(" ")[0].upper()
    return {**known, **lists}.get(name, first if first in ("FILE", "FOLDER") else None)


def _type(hint: Any) -> tuple[Any, bool]:
    """Return click's type for an annotation, and whether it is a flag."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not NoneType)
        origin = get_origin(hint)
    if origin is Literal:
        return click.Choice([str(choice) for choice in get_args(hint)]), False
    if hint is bool:
        return bool, True
    if hint is Path:
        return click.Path(path_type=Path), False
    return hint, False


def _summary(name: str) -> str:
    """Return the first line of a command's file, without importing it."""
    path = Path(__file__).parent / "command" / f"{name.replace('-', '_')}.py"
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf8"))) or ""
    return doc.split("\n")[0].rstrip(".")


if __name__ == "__main__":
    main()
