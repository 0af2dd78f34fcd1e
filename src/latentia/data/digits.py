"""Digits: scikit-learn's 1,797 handwritten digits, 8x8 grey."""

from __future__ import annotations

from pathlib import Path
from typing import final

import numpy as np

from latentia.data._data import Data
from latentia.data._raw import Raw
from latentia.data.base import NamedSet

__all__ = ["Digits"]


@final
class Digits(NamedSet):
    """scikit-learn's digits, 1,797 of 8x8 in 17 greys (Alpaydin and Kaynak, 1998)."""

    def find(self, root: Path | None) -> str | None:
        """Return its place: it comes with scikit-learn."""
        return "embedded in scikit-learn"

    def load(self, root: Path | None) -> Data:
        """Read the images, 0..16 brought to [0, 1]."""
        from sklearn.datasets import load_digits

        found = load_digits()
        raw = Raw(
            (found.images / 16).astype(np.float32),
            found.target,
            labels=tuple("0123456789"),
            notes=["The 17 greys 0..16 were divided by 16."],
        )
        return Data.from_raw(raw, name="digits", source="embedded in scikit-learn")
