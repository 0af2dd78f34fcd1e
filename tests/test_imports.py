"""Imports point one way, and the command line waits for neither torch nor numpy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import latentia

SOURCE = Path(latentia.__file__).parent

# A unit imports from its own line and from the lines above it, and from no other.
LINES = (
    (
        "threads",
        "memory",
        "arithmetic",
        "errors",
    ),
    (
        "room",
        "client",
        "rng",
        "device",
        "preset",
        "files",
        "frames",
        "lock",
        "picture",
        "conditions",
        "descent",
    ),
    ("distribution", "network", "hierarchy", "data", "corruption", "feature", "options", "voice"),
    ("posterior", "prior", "likelihood", "labels"),
    ("model", "marginal", "view"),
    ("objective", "evidence"),
    ("evaluation",),
    ("training",),
    (
        "output",
        "choice",
        "design",
        "config",
        "comparable",
        "run",
        "request",
        "session",
        "refit",
        "card",
        "portable_card",
        "portable",
    ),
    ("estimator",),
    ("figure", "shell"),
    ("app",),
    ("explorer",),
    ("lab",),
    ("command", "cli", "__main__"),
)
RANK = {unit: rank for rank, line in enumerate(LINES) for unit in line}
# Rooms that know nothing of a model: data and noise are of use without one.
ISOLATED = {"data": {"errors", "room", "data"}, "corruption": {"errors", "room", "corruption"}}


def unit_of(path, source):
    """Return the room, or the file at the top of the package, that a path belongs to."""
    return path.relative_to(source).parts[0].removesuffix(".py")


def second(module):
    """Return the unit of a dotted name: `model` of `latentia.model`, and nothing of `latentia`."""
    return module.partition(".")[2].split(".")[0]


def imports_of(tree):
    """Yield (line, dotted module) of every import of the package, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            # `from latentia import room` is an import of latentia.room.
            inner = node.names if node.module == "latentia" else ()
            yield from ((node.lineno, f"latentia.{alias.name}") for alias in inner)
            if not inner:
                yield node.lineno, node.module


def violations(source):
    """Return `file:line: message` for every import that points the wrong way."""
    found = []
    for path in sorted(source.rglob("*.py")):
        here = unit_of(path, source)
        if here == "__init__":
            continue  # the public face: lazy, and only names what is below it
        for line, module in imports_of(ast.parse(path.read_text(encoding="utf8"))):
            there = second(module)
            if module.split(".")[0] != "latentia" or there in ("", "__version__"):
                continue
            where = f"{path}:{line}"
            if here not in RANK or there not in RANK:
                found.append(f"{where}: give {here} and {there} a line in {Path(__file__).name}")
            elif RANK[there] > RANK[here]:
                found.append(f"{where}: {here} imports {there}, which is above it")
            elif there not in ISOLATED.get(here, {there}):
                found.append(f"{where}: {here} imports {there}, and stands alone")
    return found


def test_imports_point_one_way():
    assert not violations(SOURCE), "\n".join(violations(SOURCE))


def test_every_unit_of_the_package_has_a_line():
    units = {unit_of(path, SOURCE) for path in SOURCE.rglob("*.py")} - {"__init__"}
    assert units == set(RANK)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "prior/bad.py",
            "import torch\n\nfrom latentia.model import Terms\n",
            "prior imports model",
        ),
        ("model.py", "def f():\n    pass\n    from latentia import training\n", "model imports"),
        ("data/bad.py", "import os\n\nimport latentia.rng\n", "data imports rng"),
        ("brand_new/file.py", "x = 1\n\nfrom latentia import errors\n", "give brand_new"),
    ],
)
def test_a_violation_is_found_with_its_file_and_line(tmp_path, file, text, message):
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    (found,) = violations(tmp_path)
    assert found.startswith(f"{path}:3: {message}")


def test_a_room_imports_no_sibling_of_its_own_rank():
    """Posterior, prior and likelihood meet in the model alone."""
    apart = {"posterior", "prior", "likelihood"}
    for here in apart:
        for path in (SOURCE / here).glob("*.py"):
            for line, module in imports_of(ast.parse(path.read_text(encoding="utf8"))):
                there = second(module)
                assert there == here or there not in apart, f"{path}:{line}"


def run_time_imports(tree):
    """Yield (line, module) of imports, leaving out what only a type checker reads."""
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def test_figures_know_no_torch():
    for path in (SOURCE / "figure").glob("*.py"):
        for line, module in run_time_imports(ast.parse(path.read_text(encoding="utf8"))):
            assert module.split(".")[0] != "torch", f"{path}:{line}"


@pytest.mark.parametrize("statement", ["import latentia", "import latentia.cli"])
def test_the_start_loads_neither_torch_nor_numpy(statement):
    code = f"{statement}, sys; print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {name.split(".")[0] for name in said.stdout.split()}
    assert "latentia" in loaded
    assert not loaded & {"torch", "numpy", "sklearn", "matplotlib", "pandas", "pyarrow", "scipy"}
