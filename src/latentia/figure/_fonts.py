"""Fonts for names in any script: those that have the signs, and a word where none has."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, findSystemFonts, fontManager
from matplotlib.font_manager import get_font as open_font
from matplotlib.text import Text

__all__ = ["families", "telling"]

# It comes with matplotlib and sets all that we write ourselves; the others lend what it lacks.
_OWN = "DejaVu Sans"
_LENDERS = (
    *("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Nanum Gothic", "NanumBarunGothic"),
    *("Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "UnDotum", "Baekmuk Gulim"),
    *("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "IPAexGothic"),
    *("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"),
    *("WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans", "Noto Sans Thai"),
    *("Noto Sans Devanagari", "Arial Unicode MS", "Unifont"),
)
_said: set[str] = set()  # what has been told, so that it is told once


@cache
def families() -> list[str]:
    """Return the families of fonts in the order in which a sign is looked for in them.

    A family that is not installed is left out: matplotlib would complain of each at every word.
    """
    # matplotlib remembers the fonts of its first start; one installed since is not among them.
    known = {entry.fname for entry in fontManager.ttflist}
    for path in set(findSystemFonts()) - known:
        with suppress(Exception):  # a damaged font is nobody's concern here
            fontManager.addfont(path)
    installed = set(fontManager.get_font_names())
    return [_OWN, *(family for family in _LENDERS if family in installed)]


@contextmanager
def telling(figure: Figure, tell: Callable[[str], object]) -> Iterator[None]:
    """Draw inside without matplotlib's warning for every sign that no font has; say it once.

    Arguments:
        figure: What is drawn inside.
        tell: Is given the sentence, the first time only.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
        yield
    signs = _without_font(figure)
    if signs and not _said:
        sentence = (
            f"No font on this machine has {', '.join(signs[:4])}{' ...' * (len(signs) > 4)}, so "
            f"figures show boxes. Install one that has, such as Noto Sans CJK (the package "
            f"fonts-noto-cjk on Debian and Ubuntu), and draw again."
        )
        _said.add(sentence)
        tell(sentence)


def _without_font(figure: Figure) -> list[str]:
    """Return the signs of a figure that none of the house's fonts has, in order."""
    written = {sign for text in figure.findobj(Text) for sign in text.get_text()}
    strange = {sign for sign in written if sign.isprintable() and not sign.isspace()}
    for family in families():
        if not strange:
            break
        path = findfont(FontProperties(family=[family]))
        charmap = open_font(path).get_charmap()
        strange = {sign for sign in strange if ord(sign) not in charmap}
    return sorted(strange)
