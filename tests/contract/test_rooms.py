"""What the author of a new file owes to the folder that it goes into."""

import inspect
from pathlib import Path

import pytest

from latentia import room

TESTS = Path(__file__).parents[1]
ROOMS = ("network", "posterior", "prior", "likelihood", "objective", "corruption")
MEMBERS = [(name, member) for name in ROOMS for member in room.names(name)]

pytestmark = pytest.mark.parametrize(("name", "file"), MEMBERS)


def test_it_is_final_and_derives_the_room_s_base(name, file):
    cls = room.load(name, file)
    base = getattr(__import__(f"latentia.{name}.base", fromlist=["base"]), name.capitalize())
    assert cls.__final__ and issubclass(cls, base)
    assert not inspect.isabstract(cls)


def test_its_docstring_explains_every_argument(name, file):
    cls = room.load(name, file)
    doc = inspect.getdoc(cls)
    for argument in inspect.signature(cls).parameters:
        assert room.argument_help(doc, argument), f"{cls.__name__} says nothing of {argument}"


def test_its_docstring_has_a_summary_and_an_example(name, file):
    found = room.member(name, file)
    assert found.summary.endswith(".") and len(found.summary) < 100
    assert ">>>" in inspect.getdoc(room.load(name, file))


def test_it_has_a_test_file_of_its_name(name, file):
    path = TESTS / name / f"test_{file.replace('-', '_')}.py"
    assert path.is_file(), f"write {path.relative_to(TESTS.parent)}"


def test_its_options_are_the_constructor_s_keywords(name, file):
    keywords = {
        p.name: p.default
        for p in inspect.signature(room.load(name, file)).parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert {o.name: o.default for o in room.member(name, file).options} == keywords
