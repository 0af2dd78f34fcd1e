"""Named sets that are MNIST's four IDX files: found on the machine, else downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from latentia.data._data import Data
from latentia.data._download import content_sha256, download
from latentia.data._places import cache, roots
from latentia.data.base import NamedSet
from latentia.data.idx import find_parts, read_parts
from latentia.errors import MachineError

__all__ = ["FILES", "IdxSet"]

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


class IdxSet(NamedSet):
    """MNIST's layout: `train-images-idx3-ubyte.gz` and its three companions.

    Class attributes:
        name: The set's name, and that of its folder.
        labels: Names of the ten classes.
        mirrors: Addresses of folders that hold the four files.
        sha256: Hash of each file's content once unpacked, in the order of `FILES`: mirrors and
            distributions gzip the same content differently.
        system: Folders where distributions put the files.
        package: What installs them there, for messages.
    """

    name: ClassVar[str]
    labels: ClassVar[tuple[str, ...]]
    mirrors: ClassVar[tuple[str, ...]]
    sha256: ClassVar[tuple[str, str, str, str]]
    system: ClassVar[tuple[str, ...]] = ()
    package: ClassVar[str] = ""

    def find(self, root: Path | None) -> str | None:
        """Say where the four files lie, or None."""
        for folder in self._places(root):
            if self._holds(folder):
                return str(folder)
        return None

    def fetch(self, root: Path | None) -> str:
        """Return where the files lie, downloading them to the root or the cache if nowhere."""
        return self.find(root) or self._download(root, (cache() if root is None else root))

    def load(self, root: Path | None) -> Data:
        """Read the 60,000 training images and, last, the 10,000 of the official test set."""
        # A root to look in may not be one to write to: what is missing goes to the cache
        folder = self.find(root) or self._download(root, cache())
        raw = read_parts(Path(folder))
        raw.labels = self.labels
        return Data.from_raw(raw, name=self.name, source=folder)

    def _download(self, root: Path | None, target: Path) -> str:
        folder = target / self.name
        try:
            for name, sha256 in zip(FILES, self.sha256, strict=True):
                urls = [f"{mirror}{name}.gz" for mirror in self.mirrors]
                download(urls, folder / f"{name}.gz", sha256=sha256)
        except MachineError as error:
            raise self._nowhere(root, str(error.what)) from error
        return str(folder)

    def _holds(self, folder: Path) -> bool:
        """Say whether a folder holds the four files, and those of this set."""
        parts = [find_parts(folder, part) for part in ("train", "t10k")]
        if not all(part is not None and part[1] is not None for part in parts):
            return False
        # Every set of this family has the same file names; the smallest file tells them apart.
        test = parts[1]
        return test is None or test[1] is None or content_sha256(test[1]) == self.sha256[3]

    def _places(self, root: Path | None) -> Iterator[Path]:
        for folder in (*roots(root), cache()):
            yield folder / self.name
            yield folder
        yield from map(Path, self.system)

    def _nowhere(self, root: Path | None, reason: str) -> MachineError:
        looked = ", ".join(map(str, self._places(root)))
        package = f"; or {self.package}" if self.package else ""
        return MachineError(
            f"{self.name} is not on this machine and could not be downloaded: {reason}",
            where=f"looked in {looked}; then at {', '.join(self.mirrors)}",
            how=f"Set LATENTIA_DATA (or --data-root) to a folder that holds "
            f"{self.name}/{FILES[0]}.gz and its companions; or run "
            f"`latentia data fetch {self.name}` with a network{package}; or use the embedded "
            f"`mnist5k`, which needs neither.",
        )
