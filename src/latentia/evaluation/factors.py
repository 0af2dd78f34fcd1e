"""Known factors of examples: what the measures of disentanglement hold codes against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from latentia.errors import DataError

__all__ = ["Factors", "codes_of", "index_of"]

Array = npt.NDArray[Any]

# So many examples of every value, or nothing can be said of what varies while it does not.
_FEWEST = 10


@final
@dataclass(frozen=True)
class Factors:
    """The factors that n examples were made of, or whatever else is known of them.

    Arguments:
        names: What they are called.
        index: The value of each, counted from 0, (n, K), int64.
        categorical: Which of them have no order, such as a shape.

    Example:
        >>> known = Factors.of({"shape": ["a", "b"] * 10, "size": [1.0, 1.0, 2.0, 2.0] * 5})
        >>> known.names, known.categorical, known.index[:3].tolist()
        (('shape', 'size'), (0,), [[0, 0], [1, 0], [0, 1]])
    """

    names: tuple[str, ...]
    index: Array
    categorical: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Factors:
        """Take columns by name, such as `Data.beside`; text has no order, numbers have one.

        Arguments:
            columns: Values (n,) by name.

        Raises:
            DataError: if there are none, or the examples do not show what one of them does.
        """
        if not columns:
            raise DataError(
                "No factors of these data are known, and nothing else can say which latent ought "
                "to follow what.",
                how="Use data made of known factors: `sprites`, whose factors ride along.",
            )
        found = {name: np.asarray(values) for name, values in columns.items()}
        index = [_counted(name, values) for name, values in found.items()]
        if len({len(each) for each in index}) > 1:
            lengths = ", ".join(f"{name}: {len(values)}" for name, values in found.items())
            raise DataError(
                "The factors are not of the same examples.", where=lengths, how="Give one each."
            )
        text = (i for i, values in enumerate(found.values()) if values.dtype.kind not in "iufb")
        return cls(tuple(found), np.stack(index, axis=1), tuple(text))


def index_of(factors: Any) -> Array:
    """Return factors (n, K) of any type, or `Factors`, as positions among their values, int64.

    Example:
        >>> index_of([[0.5, 7], [1.5, 7], [0.5, 9]]).tolist()
        [[0, 0], [1, 0], [0, 1]]
    """
    if isinstance(factors, Factors):
        return factors.index
    given = np.asarray(factors)
    if given.ndim != 2 or not given.size:
        raise DataError(
            f"Factors are a table of n examples and K factors, not of shape {given.shape}.",
            where="factors",
            how="Give (n, K), or `Factors.of({name: values})`.",
        )
    return np.stack([np.unique(f, return_inverse=True)[1] for f in given.T], axis=1)


def codes_of(codes: Any, factors: Array) -> Array:
    """Return codes as (n, L), float64, of the examples that the factors are of.

    Raises:
        DataError: if they are not finite numbers of this shape.
    """
    z = np.asarray(codes, dtype=np.float64)
    if z.ndim != 2 or len(z) != len(factors) or not z.size:
        raise DataError(
            f"Codes of shape {z.shape} do not belong to {len(factors)} examples.",
            where="codes",
            how="Give (n, L): the posterior means of the examples whose factors these are.",
        )
    if not np.isfinite(z).all():
        raise DataError(
            "Codes must be finite.",
            where=f"codes, first in row {int(np.flatnonzero(~np.isfinite(z).all(1))[0])}",
        )
    return z


def _counted(name: str, values: Array) -> Array:
    """Return the values of one factor as positions among those that there are."""
    if values.ndim != 1 or (values.dtype.kind == "f" and not np.isfinite(values).all()):
        raise DataError(
            f"Factor {name!r} is not known of every example.",
            where=f"factor {name}",
            how="Give one finite value for each.",
        )
    known, found, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(known) < 2:
        raise DataError(
            f"Factor {name!r} is the same for all {len(values)} examples.",
            where=f"factor {name}",
            how="Leave it out.",
        )
    if counts.min() < _FEWEST:
        raise DataError(
            f"Of value {known[counts.argmin()]} of factor {name!r} there are {counts.min()} "
            f"examples; at least {_FEWEST} of every value are needed.",
            where=f"factor {name}",
            how="Give more examples, or put a quantity into bins first.",
        )
    return found.astype(np.int64)
