"""One writer at a time: the lock of a folder, which dies with the process that holds it."""

from __future__ import annotations

import errno
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from latentia.errors import MachineError, RunError
from latentia.files import unwritable

__all__ = ["LOCK_NAME", "FolderLock"]

LOCK_NAME = ".lock"
# Some network disks know no locks; there, one has to take care oneself.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP}


class FolderLock:
    """The right to write into a folder; readers need none.

    The operating system takes the lock back when its process ends, however it ends, so what a
    killed process leaves behind locks nobody out.

    Arguments:
        folder: The folder; it is made where there is none.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, FolderLock(Path(folder)).hold():
        ...     (Path(folder) / LOCK_NAME).exists()
        True
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        self._lock = FileLock(self._path, timeout=0)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock for a while; whoever holds it already may do so again.

        Raises:
            RunError: if another process holds it, saying which.
            MachineError: if the folder cannot be written.
        """
        again = self._lock.is_locked
        locked = self._acquire()
        try:
            if locked and not again:
                self._sign()
            yield
        finally:
            if locked:
                if not again:  # removed while it is still held, so that nobody else's goes
                    with suppress(OSError):
                        self._path.unlink()
                self._lock.release()

    @property
    def seems_held(self) -> bool:
        """Whether a process seems to hold it, as it signed; nothing is taken to find out."""
        try:
            pid, host, *_ = self._path.read_text(encoding="utf8").split()
            if host == platform.node() and os.name == "posix":
                os.kill(int(pid), 0)
        except PermissionError:
            return True  # a process of somebody else's
        except (OSError, ValueError, OverflowError):
            return False
        return True

    def _acquire(self) -> bool:
        """Take the lock, or return False where the disk knows none."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise self._held() from None
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return False
            found = unwritable(error, self._path.parent, "The run's folder cannot be written")
            how = f"{found.how} Another path is chosen with --out."
            raise MachineError(found.what, where=found.where, how=how) from None
        return True

    def _sign(self) -> None:
        """Write down who holds the lock; a full disk is met, and told, by the work itself."""
        now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
        with suppress(OSError):
            self._path.write_text(f"{os.getpid()} {platform.node()} {now}\n", encoding="utf8")

    def _held(self) -> RunError:
        try:
            pid, host, *since = self._path.read_text(encoding="utf8").split()
        except (OSError, ValueError):
            who, stop = "another process", "stop it"
        else:
            who = f"process {pid} on {host}, since {' '.join(since)}"
            stop = f"stop it with `kill {pid}`, which keeps a checkpoint"
        return RunError(
            f"This run is being trained by {who}; two at once would spoil it.",
            where=str(self._path.parent),
            how=f"Wait until it has ended, {stop}, or choose another path with --out.",
        )
