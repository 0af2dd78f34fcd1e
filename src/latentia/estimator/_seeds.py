"""What scikit-learn calls a random state, as a seed."""

from __future__ import annotations

import numpy as np

from latentia.choice import is_whole
from latentia.errors import UsageError

__all__ = ["RandomState", "seed_of"]

RandomState = int | np.random.RandomState | np.random.Generator | None
_BOUND = 2**31


def seed_of(random_state: RandomState) -> int:
    """Return a seed: the number itself, the next of a generator, or a fresh one for None.

    Raises:
        UsageError: if it is none of these.

    Example:
        >>> seed_of(7)
        7
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(_BOUND))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(_BOUND))
    if not is_whole(random_state) or random_state < 0:
        raise UsageError(
            f"A seed is a whole number from 0, not {random_state!r}.",
            where="random_state",
            how="Give one, or a numpy RandomState or Generator, or None for a fresh one.",
        )
    return int(random_state)
