"""What a member of this room is: a data set with a name, or a format that a path can have."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from latentia.data._data import Data
from latentia.data._runs import is_run
from latentia.data._wanted import Wanted

__all__ = ["NamedSet", "PathFormat", "files_below", "runs_below"]


class NamedSet(ABC):
    """A data set that is known by its name; the file's name is the name."""

    @abstractmethod
    def find(self, root: Path | None) -> str | None:
        """Say where the set lies on this machine, or None if it would have to be downloaded.

        Arguments:
            root: The folder of data sets to look in first.
        """

    @abstractmethod
    def load(self, root: Path | None) -> Data:
        """Read the whole set, official test rows last.

        Arguments:
            root: The folder of data sets to look in first.

        Raises:
            MachineError: if the set is not here and cannot be downloaded.
        """

    def fetch(self, root: Path | None) -> str:
        """Make sure that the set lies on this machine and return where.

        Arguments:
            root: The folder to download to; the user's cache if None.
        """
        return self.find(root) or ""


class PathFormat(ABC):
    """A kind of file or folder that can be read as data.

    Class attributes:
        suffixes: Ends of the file names that it reads, lower case.
        pattern: How the format is written in messages and menus.
        has_size: Whether it holds images that can be brought to a size.
        has_columns: Whether it holds a table, of whose columns some can be chosen by name.
    """

    suffixes: ClassVar[tuple[str, ...]]
    pattern: ClassVar[str]
    has_size: ClassVar[bool] = False
    has_columns: ClassVar[bool] = False

    def claims(self, path: Path) -> bool:
        """Say whether this format reads the path: for a file by its suffix."""
        return path.is_file() and path.name.lower().endswith(self.suffixes)

    @abstractmethod
    def read(self, path: Path, wanted: Wanted) -> Data:
        """Read the path.

        Arguments:
            path: An existing file or folder that this format claims.
            wanted: What the user or a model asks of it; without `has_size` or `has_columns`
                nothing of that kind is asked.

        Raises:
            DataError: if the content cannot be read or learned from.
            UsageError: if it does not have what is asked for.
        """


def files_below(folder: Path) -> list[Path]:
    """Return every visible file below a folder, sorted; linked folders are entered once.

    Runs of this package are passed over: their figures are no data.
    """
    return sorted(
        here / name
        for here, files in _walk(folder)
        if not ("config.json" in files and is_run(here))
        for name in files
        if not name.startswith(".")
    )


def runs_below(folder: Path) -> list[Path]:
    """Return the runs below a folder, which `files_below` passes over."""
    return sorted(here for here, files in _walk(folder) if "config.json" in files and is_run(here))


def _walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield every visible folder below a folder with its files; nothing below a run."""
    entered: set[str] = set()
    for here, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in entered:
            folders.clear()  # a link back up would otherwise never end
            continue
        entered.add(real)
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        if "config.json" in files and is_run(Path(here)):
            folders.clear()
        yield Path(here), files
