"""What every file of the package owes to its reader."""

import ast
from pathlib import Path

import pytest

import latentia

SOURCE = Path(latentia.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
NAMES = [str(path.relative_to(SOURCE)) for path in FILES]
LONGEST = 400

pytestmark = pytest.mark.parametrize("path", FILES, ids=NAMES)


def parse(path):
    return ast.parse(path.read_text(encoding="utf8"))


def test_it_begins_with_a_docstring(path):
    doc = ast.get_docstring(parse(path))
    assert doc and doc.split("\n")[0].endswith((".", ":"))


def names_bound_by(node):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    return {name for inner in getattr(node, "body", []) for name in names_bound_by(inner)}


def test_it_says_what_is_public(path):
    """A file with public definitions has `__all__`, and whatever that lists is there."""
    body = parse(path).body
    bound = {name for node in body for name in names_bound_by(node)}
    listed = [ast.literal_eval(n.value) for n in body if "__all__" in names_bound_by(n)]
    defines = any(
        isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not n.name.startswith("_")
        for n in body
    )
    assert len(listed) == 1 or not defines, "write __all__"
    for names in listed:
        assert names and set(names) <= bound, f"not there: {sorted(set(names) - bound)}"


def test_it_can_be_held_in_the_head(path):
    lines = len(path.read_text(encoding="utf8").splitlines())
    assert lines <= LONGEST, f"{lines} lines: split it by what changes together"


def test_it_reads_and_writes_no_pickle(path):
    """Loading a run must never be able to execute code."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            modules = {name.split(".")[0] for name in names}
            forbidden = modules & {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve"}
            assert not forbidden, f"{path}:{node.lineno}: {forbidden}"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("torch.load", "torch.save"), f"{path}:{node.lineno}: {called}"
            allowed = [k for k in node.keywords if k.arg == "allow_pickle"]
            assert all(ast.unparse(k.value) == "False" for k in allowed), f"{path}:{node.lineno}"
            if called in ("np.load", "np.save"):
                assert allowed, f"{path}:{node.lineno}: say allow_pickle=False"
