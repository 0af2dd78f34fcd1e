"""How much the service takes on: bytes, rows, pixels, requests and seconds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from latentia.errors import UsageError

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """What one request may ask for, and what all of them together may.

    All of it is checked before the work that it bounds: bytes while they are read, rows and
    shapes from a file's header, pixels before an image is decoded.

    Arguments:
        requests: Requests that are read, wait or are worked on at once; more get 429.
        size: Bytes of one body; all bodies at once may have `size_together`, or get 429.
        rows: Examples of one request, read or made; all at once may have `rows_together`.
        pixels: Pixels of one image.
        deadline: Seconds in which a request is answered, or gets 504.
        numbers: Numbers in one answer, which bounds the rows of large examples.
        draws: Decodes of one request to `score`: its rows times the samples for each.

    Example:
        >>> Limits(rows=1000).fitting(12_288).rows
        170
    """

    requests: int = 64
    size: int = 8 * 2**20
    rows: int = 1000
    pixels: int = 16_000_000
    deadline: float = 30.0
    numbers: int = 2**21
    draws: int = 200_000

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if not 0 < value < float("inf"):
                raise UsageError(
                    f"A limit is a number above 0, not {value}.",
                    where=f"{field.name} {value}",
                    how="Leave the option out for its default.",
                )

    @property
    def rows_together(self) -> int:
        """Rows of all requests at once."""
        return 4 * self.rows

    @property
    def size_together(self) -> int:
        """Bytes of all bodies at once."""
        return 8 * self.size

    def fitting(self, width: int) -> Limits:
        """Return the limits for examples of so many numbers.

        Arguments:
            width: Numbers in one example, or latents, whichever are more.
        """
        return dataclasses.replace(self, rows=min(self.rows, max(1, self.numbers // width)))
