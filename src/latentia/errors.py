"""Errors that a user can mend: each says what is wrong, where, and how to mend it.

The exit code of the command line is a property of the error's class, so that a script can tell
bad usage (2) from bad data (3), a broken run or model (4) and a missing environment (5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["DataError", "LatentiaError", "MachineError", "RunError", "UsageError", "in_words"]


class LatentiaError(Exception):
    """A mistake that the user can mend.

    Arguments:
        what: What is wrong, in one sentence.
        where: The file, row, column or option concerned; empty when `what` already names it.
        how: How to mend it: a command, an option or a change to the data.

    Example:
        >>> print(LatentiaError("3 cells are NaN", where="a.csv, column 'age'", how="Fill them."))
        3 cells are NaN
          where: a.csv, column 'age'
          mend:  Fill them.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", how: str = "") -> None:
        self.what, self.where, self.how = what, where, how
        lines = [what]
        if where:
            lines.append(f"  where: {where}")
        if how:
            lines.append(f"  mend:  {how}")
        super().__init__("\n".join(lines))


class UsageError(LatentiaError, ValueError):
    """An option or argument that cannot be (exit code 2)."""

    exit_code = 2


class DataError(LatentiaError, ValueError):
    """Data that cannot be learned from as they are (exit code 3)."""

    exit_code = 3


class RunError(LatentiaError, RuntimeError):
    """A run folder or model that cannot do what was asked (exit code 4)."""

    exit_code = 4


class MachineError(LatentiaError, OSError):
    """A missing device, disk, package or network (exit code 5)."""

    exit_code = 5


# What pydantic calls a fault, in our words; its own where there are none here.
_WORDS = {
    "bool_parsing": "it is neither yes nor no",
    "bool_type": "it is neither yes nor no",
    "extra_forbidden": "this version knows no such entry",
    "finite_number": "it is no finite number",
    "float_parsing": "it is no number",
    "float_type": "it is no number",
    "greater_than": "it must be more than {gt:g}",
    "greater_than_equal": "it must be at least {ge:g}",
    "int_from_float": "it is no whole number",
    "int_parsing": "it is no whole number",
    "int_parsing_size": "it is too large",
    "int_type": "it is no whole number",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "literal_error": "it must be one of {expected}",
    "missing": "it is missing",
    "string_type": "it is no text",
}


def in_words(fault: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, as pydantic found it, in the words of this package.

    Arguments:
        fault: One of the errors of a `pydantic.ValidationError`.

    Example:
        >>> in_words({"type": "greater_than", "ctx": {"gt": 0.0}, "msg": "Input should ..."})
        'it must be more than 0'
    """
    words = _WORDS.get(fault["type"])
    if words is None:
        return str(fault["msg"])
    return words.format(**fault.get("ctx", {}))
