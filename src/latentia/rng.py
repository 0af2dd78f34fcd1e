"""Randomness as a function of a key: the same key gives the same draws, wherever it is asked.

torch.distributions and dropout draw from torch's global generator. `seeded` opens a scope in
which that generator starts from a key and after which it is as it was, so nothing here depends
on, or disturbs, the state that a user's own code has left.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["mix", "reseed", "seeded"]


def mix(*key: int) -> int:
    """Return a 63-bit seed that depends on every number of the key and on their order.

    Example:
        >>> mix(0, 1) != mix(1, 0)
        True
    """
    # A SeedSequence takes (1,) and (1, 0) for the same; with the length in front they differ.
    return int(
        np.random.SeedSequence((len(key), *key)).generate_state(1, np.uint64)[0] >> np.uint64(1)
    )


def reseed(*key: int) -> None:
    """Start the global generator of this scope from a key; only inside `seeded`."""
    seed = mix(*key)
    # torch.manual_seed would note the call for every kind of accelerator there might be: 0.3 ms.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(seed)


@contextmanager
def seeded(*key: int) -> Iterator[None]:
    """Run a block with torch's generators started from a key, and restore them afterwards.

    Example:
        >>> with seeded(0, 7):
        ...     a = torch.rand(2)
        >>> with seeded(0, 7):
        ...     b = torch.rand(2)
        >>> bool((a == b).all())
        True
    """
    # Where nothing lives on a GPU, leave the GPUs alone: asking for their state would start them.
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]
    with torch.random.fork_rng(devices=devices):
        reseed(*key)
        yield
