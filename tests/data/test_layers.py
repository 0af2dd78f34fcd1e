"""Inside the room, too, imports point one way."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import latentia.data

ROOM = Path(latentia.data.__file__).parent


def imported(path):
    """Return the modules of the room that a file imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("latentia.data"):
            inner = node.module.removeprefix("latentia.data").strip(".")
            found |= {inner} if inner else {alias.name for alias in node.names}
    return found


def test_there_is_no_circle():
    files = {path.stem: imported(path) for path in ROOM.glob("*.py") if path.stem != "__init__"}
    order = list(TopologicalSorter(files).static_order())  # raises CycleError
    assert order.index("_infer") < order.index("_data") < order.index("csv")


def test_what_is_stored_has_one_name_everywhere():
    from latentia import design, view
    from latentia.data import Kind

    assert view.Kind is Kind and design.Kind is Kind
