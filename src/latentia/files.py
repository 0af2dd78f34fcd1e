"""Files written whole or not at all; a write that fails says where, and how to mend it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from latentia.errors import MachineError

__all__ = ["unwritable", "write_atomically", "write_together", "writing"]

_ROOM = "Make room on this disk, or write to another."
_RIGHT = "Give yourself the right to write there (`chmod u+w`), or write somewhere else."
_MENDS = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
    errno.EROFS: "This disk may only be read; write to another.",
}


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part.

    Arguments:
        path: The file.
        content: All that it shall hold.

    Raises:
        MachineError: if it cannot be written; the old content then stays.
    """
    write_together({path: content})


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files beside their places, and put them there once each of them is whole.

    Arguments:
        contents: All that each file shall hold.

    Raises:
        MachineError: if one cannot be written; the old content of all of them then stays.
    """
    asides = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in contents}
    before: dict[Path, Path] = {}
    placed: list[Path] = []
    try:
        for path, content in contents.items():
            with writing(path), asides[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in contents if len(contents) > 1 else ():  # one alone is there whole or not
            with writing(path):
                _keep(path, before)
        for path, aside in asides.items():
            with writing(path):
                aside.replace(path)
            placed.append(path)
    except BaseException:
        for path in placed:
            with suppress(OSError):
                _put_back(path, before)
        raise
    finally:
        for aside in (*asides.values(), *before.values()):
            with suppress(OSError):
                aside.unlink()


def _keep(path: Path, before: dict[Path, Path]) -> None:
    """Keep what is at a path, if anything is, under another name."""
    if path.is_file():
        aside = path.with_name(f".{path.name}.{os.getpid()}.was")
        before[path] = aside
        shutil.copy2(path, aside)


def _put_back(path: Path, before: dict[Path, Path]) -> None:
    """Put back what was kept, or nothing where nothing was."""
    if path in before:
        before[path].replace(path)
    else:
        path.unlink()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what goes wrong while a path is written into an error that says how to mend it.

    Arguments:
        path: The file or folder that is written.

    Raises:
        MachineError: naming the path.
    """
    try:
        yield
    except MachineError:
        raise
    except OSError as error:
        raise unwritable(error, path) from None


def unwritable(
    error: OSError, path: Path | str, what: str = "This cannot be written"
) -> MachineError:
    """Return the error of a path that could not be written.

    Arguments:
        error: What the system said.
        path: The file or folder.
        what: What did not work.

    Example:
        >>> print(unwritable(OSError(28, "No space left on device"), "runs/a/config.json"))
        This cannot be written: No space left on device.
          where: runs/a/config.json
          mend:  Make room on this disk, or write to another.
    """
    how = _MENDS.get(error.errno or 0, "Look at this path and its disk, or choose another.")
    return MachineError(f"{what}: {error.strerror or error}.", where=str(path), how=how)
