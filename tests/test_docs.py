"""The reference pages are built from the rooms' own files."""

import importlib.util
from pathlib import Path

import pytest

from latentia import room

ROOT = Path(__file__).parent.parent
ROOMS = (
    "prior",
    "posterior",
    "likelihood",
    "objective",
    "network",
    "corruption",
    "feature",
    "data",
    "figure",
)


@pytest.fixture(scope="module")
def docs():
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs/build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(docs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    docs.build(folder)
    return folder


@pytest.mark.parametrize("name", ROOMS)
def test_every_member_of_a_room_has_a_page_with_its_docstring(site, name):
    for member in room.members(name):
        page = site / f"{member.module.replace('.', '/')}.html"
        text = page.read_text(encoding="utf8")
        assert member.class_name in text
        assert "Arguments" in text or not member.options


def test_a_new_file_in_a_room_is_a_new_page(docs, tmp_path, monkeypatch):
    import latentia.prior

    (tmp_path / "cauchy.py").write_text('"""A prior of somebody\'s invention."""\n')
    monkeypatch.setattr(latentia.prior, "__path__", [*latentia.prior.__path__, str(tmp_path)])
    assert "latentia.prior.cauchy" in docs.modules()


def test_private_modules_have_no_page(docs):
    assert not [name for name in docs.modules() if "._" in name]
