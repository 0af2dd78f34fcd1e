"""The built page: where its files are, and what a browser lets it do."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from latentia.errors import MachineError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["PAGE", "POLICY", "files_of", "require_page"]

PAGE = Path(__file__).parent / "page"
# All that it loads is its own; WebAssembly may run, text may not become a program.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "img-src 'self' data: blob:; style-src 'self'; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The system's own table may be without them, or say otherwise, and browsers insist.
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
}


def require_page(folder: Path | None = None, file: str = "index.html") -> None:
    """Refuse to go on where the page has not been built.

    Arguments:
        folder: Where it would be; its place in the package if None.
        file: What is needed of it: `index.html` to be served, `single.html` to be one file.

    Raises:
        MachineError: saying how it is built.
    """
    folder = folder or PAGE
    if not (folder / file).is_file():
        raise MachineError(
            "This copy of latentia was installed without the explorer's page.",
            where=str(folder),
            how="Install Node 20.19 or newer, then run `npm ci && npm run build` in web/ of the "
            "source, or install a released wheel.",
        )


def files_of(folder: Path | None = None) -> ASGIApp:
    """Return the page's files as an application, each with the type that browsers ask for."""
    from starlette.staticfiles import StaticFiles  # which a page in one file does without

    for suffix, kind in _TYPES.items():
        mimetypes.add_type(kind, suffix)
    return StaticFiles(directory=folder or PAGE, html=True)
