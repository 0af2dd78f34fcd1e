"""The encoding of a text that is no UTF-8, told from the script that it spells."""

from __future__ import annotations

import codecs
import re

__all__ = ["guess"]

_HIGH = re.compile(rb"[\x80-\xff]+")
_FOREIGN = re.compile(r"[^\W\d_\x00-\x7f]+")
_INSIDE = re.compile(r"(?<=[a-zA-Z])[^\W\d_\x00-\x7f]+(?=[a-zA-Z])")
_LATIN = "latin1"


def guess(content: bytes) -> str:
    """Return the most likely encoding of a text that is no UTF-8; latin1 fits everything.

    Double-byte encodings share their bytes, so that Korean is valid Chinese and the reverse; what
    tells them apart is that only the right one spells one script: Hangul of everyday use, kana
    with kanji, or hanzi. Western accents stand alone between ASCII letters.

    Example:
        >>> guess("키,몸무게".encode("cp949")), guess("größe".encode("latin1"))
        ('cp949', 'latin1')
    """
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return name
    runs = _HIGH.findall(content)
    if sum(len(run) == 1 for run in runs) > 0.6 * len(runs) and not _spells(content, "shift_jis"):
        return _LATIN
    return next((name for name in _SCRIPTS if _spells(content, name)), _LATIN)


def _spells(content: bytes, encoding: str) -> bool:
    """Say whether nearly all characters beyond ASCII are of the script of an encoding."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    if len(_INSIDE.findall(text)) > 0.3 * len(_FOREIGN.findall(text)):
        return False
    foreign = "".join(_FOREIGN.findall(text))
    right = sum(_SCRIPTS[encoding](character) for character in foreign)
    return bool(foreign) and right >= 0.9 * len(foreign)


def _everyday_hangul(character: str) -> bool:
    # Two bytes for the 2,350 syllables in use; euc_kr spells out the other 8,822 in eight
    return "가" <= character <= "힣" and len(character.encode("euc_kr")) == 2


def _kana_or_kanji(character: str) -> bool:
    return "ぁ" <= character <= "ヿ" or "一" <= character <= "鿿"


def _hanzi(character: str) -> bool:
    return "一" <= character <= "鿿"


# In this order: kanji are hanzi too, and Hangul is neither.
_SCRIPTS = {"cp949": _everyday_hangul, "shift_jis": _kana_or_kanji, "gb18030": _hanzi}
