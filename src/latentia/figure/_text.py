"""The names that users give, as a figure writes them: plain, measured, cut and wrapped."""

from __future__ import annotations

import textwrap

from rich.cells import cell_len, set_cell_size

__all__ = ["label", "plain", "shortened", "width", "wrapped"]


def plain(text: str) -> str:
    r"""Return a text such that matplotlib sees no formula in it.

    Example:
        >>> print(plain("from $5 to $10"))
        from \$5 to \$10
    """
    return text.replace("$", r"\$")


def label(name: str, most: int = 24) -> str:
    """Return a user's name as a figure writes it: plain, and cut to a width."""
    return plain(shortened(name, most))


def width(text: str) -> int:
    """Return how many characters wide a text is; a Chinese, Japanese or Korean one counts twice.

    Example:
        >>> width("cat"), width("고양이")
        (3, 6)
    """
    return cell_len(text)


def shortened(name: str, most: int) -> str:
    """Return a name cut to a width, with three dots in one sign where it was longer.

    Example:
        >>> shortened("temperature", 8), shortened("온도", 8)
        ('tempera…', '온도')
    """
    return name if width(name) <= most else f"{set_cell_size(name, most - 1).rstrip()}…"


def wrapped(text: str, most: int) -> str:
    """Break each line of a text where it would be wider than so many characters."""
    lines = []
    for line in text.split("\n"):
        # textwrap counts signs, of which fewer fit where they are wide.
        share = len(line) / max(1, width(line))
        lines.append(textwrap.fill(line, max(8, int(most * share))))
    return "\n".join(lines)
