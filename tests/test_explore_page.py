"""The page of the explorer: every view of the list has its heading and its picture there."""

import re
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGE = (DOCS / "explore.md").read_text(encoding="utf8")
MOST = 3_000_000  # bytes of all pictures


def view(folder):
    """Return id, order and title of a view, as the page's list has them."""
    told = (folder / "view.ts").read_text(encoding="utf8")
    text = (folder / "text.ts").read_text(encoding="utf8")
    found = [re.search(r"id: '([^']+)'", told), re.search(r"order: (\d+)", told)]
    title = re.search(r"title: '([^']+)'", text)  # English comes first
    return found[0].group(1), int(found[1].group(1)), title.group(1)


VIEWS = [view(path.parent) for path in sorted((ROOT / "web/src/views").glob("*/view.ts"))]
PICTURES = sorted((DOCS / "explorer").glob("*.png"))


def headings(section):
    """Return what stands below each heading of a section, by its title."""
    body = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S).group(1)
    parts = re.split(r"^### (.+)\n", body, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_there_are_views():
    assert len(VIEWS) > 20


@pytest.mark.parametrize(("name", "order", "title"), VIEWS, ids=[name for name, *_ in VIEWS])
def test_a_view_has_its_heading_and_its_picture(name, order, title):
    section, short = name.split("/")
    below = headings(section.title())
    assert title in below
    assert re.search(rf"!\[[^]]+\]\(explorer/{short}-light\.png\)", below[title])
    words = re.sub(r"!\[.*?\]\(.*?\)", "", below[title])
    assert len(words.split()) > 25, "and sentences that say what one does there"
    with Image.open(DOCS / "explorer" / f"{short}-light.png") as picture:
        assert picture.width == 1440 and picture.height >= 900


@pytest.mark.parametrize("section", ["Learn", "Explore", "Train"])
def test_views_stand_in_the_order_of_the_list(section):
    ours = sorted(
        (order, title) for name, order, title in VIEWS if name.startswith(section.lower())
    )
    assert list(headings(section)) == [title for _, title in ours]


def test_every_picture_is_shown_and_is_there():
    shown = re.findall(r'(?:\]\(|src=")(explorer/[^)"]+)', PAGE)
    assert sorted(shown) == sorted(f"explorer/{path.name}" for path in PICTURES)


def test_the_pictures_are_light():
    assert sum(path.stat().st_size for path in PICTURES) < MOST
