"""Build the reference pages: every public module, with its equations, by walking the package.

    make docs            # writes site/, opens from disk

Nothing is listed by hand: a new member of a room is a new page.
"""

from __future__ import annotations

import pkgutil
import sys
import warnings
from pathlib import Path

import pdoc
import pdoc.extract
import pdoc.render

import latentia

__all__ = ["build", "modules"]


def modules() -> list[str]:
    """Return the names of all public modules, in alphabetical order."""
    found = (info.name for info in pkgutil.walk_packages(latentia.__path__, "latentia."))
    return sorted(name for name in found if not any(part[0] == "_" for part in name.split(".")))


def build(folder: Path) -> None:
    """Write one HTML page for each module into a folder."""
    for name in latentia.__all__:  # lazy names, which pdoc would take for modules
        vars(latentia)[name] = getattr(latentia, name)
    pdoc.render.configure(docformat="google", math=True)
    specs = ["latentia"]
    for name in modules():  # a package brings its modules, unless its `__all__` leaves them out
        if name not in pdoc.extract.walk_specs(specs):
            specs.append(name)
    with warnings.catch_warnings():
        # An annotation that only its own module can resolve is shown as it is written.
        warnings.filterwarnings("ignore", message="Error parsing type annotation")
        pdoc.pdoc(*specs, output_directory=folder)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "site")
    build(target)
    print(f"open {target / 'index.html'}")
