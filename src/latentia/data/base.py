"""What a member of this room is: a data set with a name, or a format that a path can have."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from latentia.data._data import Data
from latentia.data._schema import Schema

__all__ = ["NamedSet", "PathFormat"]


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
    """

    suffixes: ClassVar[tuple[str, ...]]
    pattern: ClassVar[str]

    def claims(self, path: Path) -> bool:
        """Say whether this format reads the path: for a file by its suffix."""
        return path.is_file() and path.name.lower().endswith(self.suffixes)

    @abstractmethod
    def read(self, path: Path, *, size: int | None = None, like: Schema | None = None) -> Data:
        """Read the path.

        Arguments:
            path: An existing file or folder that this format claims.
            size: Side in pixels for images of mixed sizes.
            like: The schema that the data must have, e.g. a trained model's.

        Raises:
            DataError: if the content cannot be read or learned from.
        """


def files_below(folder: Path) -> list[Path]:
    """Return every visible file below a folder, sorted; linked folders are entered once."""
    found: list[Path] = []
    entered: set[str] = set()
    for here, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if real in entered:
            folders.clear()  # a link back up would otherwise never end
            continue
        entered.add(real)
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        found += [Path(here) / name for name in files if not name.startswith(".")]
    return sorted(found)
