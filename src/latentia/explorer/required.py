"""Packages of extras that a command cannot do without."""

from __future__ import annotations

from collections.abc import Iterable

from latentia.errors import MachineError

__all__ = ["require_packages"]


def require_packages(names: Iterable[str], where: str, what: str) -> None:
    """Refuse to go on where packages of the extra `explore` are missing.

    Arguments:
        names: What has to be there.
        where: The command.
        what: Who needs them.

    Raises:
        MachineError: naming what is missing, and how it is installed.
    """
    missing = []
    for name in names:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise MachineError(
            f"{what} needs packages that are not installed: {', '.join(missing)}.",
            where=where,
            how="Install them: pip install 'latentia[explore]'.",
        )
