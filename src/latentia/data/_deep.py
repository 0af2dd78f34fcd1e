"""Images of more than 8 bits: which grey is white, and how they become 8 bits."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["to_bytes", "white_of"]

# What cameras and scanners write into 16 bits: 8, 10, 12, 14 or all 16 of them.
_WHITES = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)


def white_of(paths: Sequence[Path | BinaryIO], notes: list[str]) -> float:
    """Return the grey that is white in the 16-bit images among some; 0 without any.

    It is one for all of them, or a dark image would come out as light as a bright one.

    Arguments:
        paths: Images whose header can be read.
        notes: Receives a sentence that says which grey was taken.
    """
    tops = [top for path in paths if (top := _top(path)) is not None]
    if not tops:
        return 0.0
    top = max(tops)
    white = next((w for w in _WHITES if top <= w), _WHITES[-1])
    if white != _WHITES[-1]:
        notes.append(
            f"The greys of {len(tops)} images of 16 bits end at {top:g}, so {white:g} is taken as "
            f"white ({white + 1:g} levels). Where 65535 is meant as white, bring them to 8 bits "
            f"before."
        )
    return white


def to_bytes(image: Image, white: float) -> npt.NDArray[Any]:
    """Return the greys of a 16-bit or float image as bytes, 255 for white; beyond is cut."""
    values = np.asarray(image, dtype=np.float64)
    if image.mode == "F":  # of no agreed scale, so that each image says its own
        white = next(w for w in (1.0, _WHITES[0], _WHITES[-1]) if values.max() <= w or w > 255)
    return np.clip(np.round(values * (255.0 / white)), 0, 255).astype(np.uint8)


def _top(path: Path | BinaryIO) -> float | None:
    """Return the largest grey of a 16-bit image, None of any other."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                return float(np.asarray(image).max()) if image.mode.startswith("I") else None
    except Exception:  # found out again, and said, when the image is decoded
        return None
