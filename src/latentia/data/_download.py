"""Downloads that can be interrupted: mirrors, resume, a progress bar and a checksum."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO, cast
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from latentia.errors import MachineError

__all__ = ["content_sha256", "download"]

_CHUNK = 1 << 16
_TIMEOUT = 20.0  # seconds without a byte


def download(urls: Iterable[str], target: Path, *, sha256: str) -> Path:
    """Download a file from the first mirror that gives the right content.

    What has arrived stays in `<target>.part`, and the next call continues from there.

    Arguments:
        urls: The mirrors, best first.
        target: Where the file goes; left alone if it is there already.
        sha256: Hash of the content, after unpacking if it is gzipped.

    Returns:
        The target.

    Raises:
        MachineError: if no mirror answers with the right content, or the disk refuses.
    """
    if target.exists():
        return target
    part = target.with_name(target.name + ".part")
    failures = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(f"The folder cannot be made: {error}.", where=str(target)) from error
    for url in _twice_if_resumed(urls, part):
        try:
            _continue(url, part)
        except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
            failures.append(f"{url}: {getattr(error, 'reason', None) or error}")
            continue
        except OSError as error:
            raise MachineError(
                f"The download cannot be written: {error}.",
                where=str(part),
                how="Free some space, or set LATENTIA_CACHE to another disk.",
            ) from error
        found = content_sha256(part)
        if found == sha256:
            part.replace(target)
            return target
        part.unlink()  # a wrong start must not be continued
        failures.append(f"{url}: wrong content (sha256 {found[:12]}..., not {sha256[:12]}...)")
    raise MachineError("; ".join(failures) or "no mirror is known", where=str(target))


def _twice_if_resumed(urls: Iterable[str], part: Path) -> Iterator[str]:
    """Offer each mirror, and once more from the start if its continuation did not fit."""
    for url in urls:
        resumed = part.exists()
        yield url
        if resumed and not part.exists():
            yield url


def content_sha256(path: Path) -> str:
    """Return the hash of a file's content, unpacked if it is gzipped; empty if damaged."""
    digest = hashlib.sha256()
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
        try:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return ""
    return digest.hexdigest()


def _continue(url: str, part: Path) -> None:
    """Fetch what is missing of a partial file, or all of it if the server cannot continue."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "latentia"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        response: HTTPResponse = urlopen(Request(url, headers=headers), timeout=_TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416 and have:  # nothing is left to fetch; the checksum decides
            return
        raise
    with response:
        continues = response.status == 206
        rest = int(response.headers.get("Content-Length") or 0)
        have = have if continues else 0
        with part.open("ab" if continues else "wb") as out, _Bar(part, have, have + rest) as bar:
            _copy(response, out, bar.advance)
        if rest and part.stat().st_size < have + rest:
            raise ConnectionError("the connection ended before the file did")


def _copy(response: HTTPResponse, out: BinaryIO, advance: Callable[[int], None]) -> None:
    while chunk := response.read(_CHUNK):
        out.write(chunk)
        advance(len(chunk))


class _Bar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, part: Path, have: int, total: int) -> None:
        self._name, self._have, self._total = part.name.removesuffix(".part"), have, total

    def __enter__(self) -> _Bar:
        self._progress = None
        if sys.stderr.isatty() and shutil.get_terminal_size().columns > 40:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

            self._progress = Progress(
                "{task.description}",
                BarColumn(),
                DownloadColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._progress.start()
            self._task = self._progress.add_task(
                self._name, total=self._total or None, completed=self._have
            )
        return self

    def advance(self, n: int) -> None:
        """Move on by n bytes."""
        if self._progress is not None:
            self._progress.update(self._task, advance=n)

    def __exit__(self, *exception: object) -> None:
        if self._progress is not None:
            self._progress.stop()
