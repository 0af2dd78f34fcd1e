"""What the author of a new file owes to the folder that it goes into."""

import importlib
import inspect
from pathlib import Path

import pytest

import latentia
from latentia import room

SOURCE = Path(latentia.__file__).parent
TESTS = Path(__file__).parents[1]
ROOMS = (
    "network",
    "posterior",
    "prior",
    "likelihood",
    "objective",
    "corruption",
    "evidence",
    "feature",
)
FOLDERS = (*ROOMS, "distribution", "evaluation")
BASES = {"evidence": "EvidenceEstimator"}
MEMBERS = [(name, member) for name in ROOMS for member in room.names(name)]

each_member = pytest.mark.parametrize(("name", "file"), MEMBERS)


@each_member
def test_it_is_final_and_derives_the_room_s_base(name, file):
    cls = room.load(name, file)
    base = getattr(
        importlib.import_module(f"latentia.{name}.base"), BASES.get(name, name.capitalize())
    )
    assert cls.__final__ and issubclass(cls, base)
    assert not inspect.isabstract(cls)


@each_member
def test_its_docstring_explains_every_argument(name, file):
    cls = room.load(name, file)
    doc = inspect.getdoc(cls)
    for argument in inspect.signature(cls).parameters:
        assert room.argument_help(doc, argument), f"{cls.__name__} says nothing of {argument}"


@each_member
def test_its_docstring_has_a_summary_and_an_example(name, file):
    found = room.member(name, file)
    assert found.summary.endswith(".") and len(found.summary) < 100
    assert ">>>" in inspect.getdoc(room.load(name, file))


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_has_a_test_file_of_its_name(name):
    for file in sorted((SOURCE / name).glob("[!_]*.py")):
        path = TESTS / name / f"test_{file.name}"
        assert path.is_file() or file.name == "base.py", f"write {path.relative_to(TESTS.parent)}"


@pytest.mark.parametrize("name", FOLDERS)
def test_its_classes_are_final_or_abstract_or_mere_records(name):
    for file in sorted((SOURCE / name).glob("[!_]*.py")):
        module = importlib.import_module(f"latentia.{name}.{file.stem}")
        for cls in vars(module).values():
            if not inspect.isclass(cls) or cls.__module__ != module.__name__:
                continue
            inner = cls.__name__.startswith("_") or file.name == "base.py"
            kind = getattr(cls, "__final__", False) or inspect.isabstract(cls)
            assert inner or kind or issubclass(cls, tuple), f"{cls.__name__} in {file}"


@each_member
def test_its_options_are_the_constructor_s_keywords(name, file):
    keywords = {
        p.name: p.default
        for p in inspect.signature(room.load(name, file)).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert {o.name: o.default for o in room.member(name, file).options} == keywords
