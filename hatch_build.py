"""The build hook: the explorer's page becomes part of the wheel.

Where the page is there it is taken as it is; else it is built, if Node is there. Without Node the
package is whole but for the page, and `latentia explore` says how it is had.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PAGE = Path("src/latentia/explorer/page")
_OLDEST = (20, 19)


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build the page before the wheel, unless it is there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it; a page that cannot be built is told of, and no error."""
        root = Path(self.root)
        if not (root / _PAGE / "index.html").is_file():
            why = _unable(root / "web")
            if why:
                print(f"latentia: built without the explorer's page: {why}", file=sys.stderr)
                return
            npm = shutil.which("npm") or "npm"
            for words in (("ci",), ("run", "build")):
                done = subprocess.run(
                    [npm, *words], cwd=root / "web", check=False, stdout=sys.stderr
                )
                if done.returncode:
                    said = f"`npm {' '.join(words)}` in web/ failed, and says above why."
                    print(f"latentia: built without the explorer's page: {said}", file=sys.stderr)
                    return


def _unable(web: Path) -> str:
    """Return why the page cannot be built; empty where it can."""
    node = shutil.which("node")
    if not (web / "package.json").is_file():
        return "its source is not here."
    if node is None or shutil.which("npm") is None:
        return "there is no Node here. Install Node 20.19 or newer, and build again."
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = tuple(int(part) for part in said.strip().removeprefix("v").split(".")[:2])
    return "" if found >= _OLDEST else f"Node {said.strip()} is older than 20.19."
