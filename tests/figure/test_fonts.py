"""Names in any script: a font that has the signs is found, and its absence is told once."""

import dataclasses
import warnings

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager

from latentia import figure
from latentia.figure import _fonts

NAMES = tuple("한글" + str(i) for i in range(10))


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Start each test as on a machine with matplotlib's own fonts and nothing told yet."""
    monkeypatch.setattr(_fonts, "_said", set())
    monkeypatch.setattr(_fonts, "findSystemFonts", list)
    monkeypatch.setattr(_fonts, "_LENDERS", ("A Font of Squares",))
    before = list(fontManager.ttflist)
    _fonts.families.cache_clear()
    yield
    fontManager.ttflist[:] = before
    _fonts.families.cache_clear()


@pytest.fixture
def squares(tmp_path, monkeypatch):
    """Install a font that has two signs of Hangul."""
    pen = TTGlyphPen(None)
    for place in ((0, 0), (0, 800), (800, 800), (800, 0)):
        (pen.moveTo if place == (0, 0) else pen.lineTo)(place)
    pen.closePath()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "square"])
    font.setupCharacterMap({ord("한"): "square", ord("글"): "square"})
    font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    font.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "A Font of Squares", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "squares.ttf")
    monkeypatch.setattr(_fonts, "findSystemFonts", lambda: [str(tmp_path / "squares.ttf")])


@pytest.fixture
def save(stand_in, tmp_path):
    """Return a function that draws a map of classes in Hangul, with warnings as errors."""

    def saved(tell, kind="latent-map", suffix=".png"):
        subject = dataclasses.replace(stand_in.digits(), label_names=NAMES, title="한글 모델")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            drawn = figure.draw(kind, subject)
            return figure.save(drawn, tmp_path / f"x{suffix}", tell)

    return saved


def test_a_font_installed_since_is_found(squares):
    assert _fonts.families() == ["DejaVu Sans", "A Font of Squares"]


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_a_font_that_has_the_signs_lends_them(save, squares, monkeypatch, suffix):
    told = []
    first = save(told.append, suffix=suffix).read_bytes()
    assert len(told) == 1 and "모" in told[0] and "한" not in told[0]
    monkeypatch.setattr(_fonts, "findSystemFonts", list)
    fontManager.ttflist[:] = [f for f in fontManager.ttflist if f.name != "A Font of Squares"]
    _fonts.families.cache_clear()
    assert save(told.append, suffix=suffix).read_bytes() != first


def test_without_a_font_it_is_told_once_and_how_to_mend_it(save):
    told = []
    for kind in ("latent-map", "samples", "latent-map"):
        save(told.append, kind)
    assert len(told) == 1
    assert "글" in told[0] and "Install" in told[0] and "Noto Sans CJK" in told[0]


def test_what_every_machine_has_is_not_told(stand_in, tmp_path):
    told = []
    for kind in ("latent-map", "traversals", "learning-curves"):
        figure.save(figure.draw(kind, stand_in.digits()), tmp_path / "x.png", told.append)
    assert told == []


def test_in_python_it_is_a_warning(stand_in, tmp_path):
    subject = dataclasses.replace(stand_in.digits(), title="한글")
    drawn = figure.draw("samples", subject)
    with pytest.warns(UserWarning, match="Install one") as caught:
        figure.save(drawn, tmp_path / "x.png")
    assert len(caught) == 1


def test_a_damaged_font_does_no_harm(tmp_path, monkeypatch):
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    monkeypatch.setattr(_fonts, "findSystemFonts", lambda: [str(tmp_path / "bad.ttf")])
    assert _fonts.families() == ["DejaVu Sans"]
