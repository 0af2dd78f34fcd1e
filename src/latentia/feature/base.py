"""What a feature is: a function from images to vectors, the same for all that are compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy.typing as npt
from torch import Tensor

__all__ = ["Extract", "Feature"]

# From images (n, C, H, W) to features (n, D), float64.
Extract = Callable[[Tensor], npt.NDArray[Any]]


class Feature(ABC):
    """From images to vectors (n, D), in which samples and real examples are compared.

    A number measured in one feature says nothing in another: the name goes with the number.
    """

    # The named data sets whose images this is made for; it is taken for these by itself.
    sets: ClassVar[frozenset[str]] = frozenset()
    # Hash of the weights that the numbers depend on; empty where there are none.
    sha256: ClassVar[str] = ""

    @abstractmethod
    def of(self, reference: Tensor) -> Extract:
        """Return the function from images to features.

        Arguments:
            reference: The real images that others are compared with, (n, C, H, W): floats in
                [0, 1], or in units of the data.

        Returns:
            A function from images (m, C, H, W) to features (m, D), float64.

        Raises:
            UsageError: if it is not made for such images.
        """
