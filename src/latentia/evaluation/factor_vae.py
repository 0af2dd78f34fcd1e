"""The FactorVAE score: whether the code that stays put tells which factor did."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.errors import UsageError
from latentia.evaluation.factors import codes_of, index_of

__all__ = ["factor_vae_score"]

Array = npt.NDArray[Any]

_ROWS = 1000  # votes whose batches are held at once


def factor_vae_score(
    codes: Any,
    factors: Any,
    *,
    batch: int = 64,
    votes: int = 10_000,
    held_out: int = 5_000,
    seed: int = 0,
) -> float:
    """Return how often the code that varies least tells which factor was held fixed.

    A vote draws a factor, one of its values and a batch of examples that have it, and names the
    code whose variance in the batch is the smallest share of its variance in all examples. Each
    code is taken to mean the factor for which it was named most often, and other votes say how
    often that is right. A constant code has no share and is never named.

    By chance it is one over the number of factors. It does not mind a factor that is in two codes.

    Arguments:
        codes: (n, L).
        factors: (n, K).
        batch: Examples of a vote, drawn with replacement.
        votes: From which it is learned what a code means.
        held_out: Those that are counted.
        seed: Seed of the draws.

    Returns:
        The share that is right; 0 if all codes are constant.

    Raises:
        DataError: if these are not of the same examples.
        UsageError: if there is no vote, or one of fewer than two examples.

    References:
        Kim and Mnih, "Disentangling by factorising", 2018; numbers of votes as in Locatello et
        al., 2019.

    Example:
        >>> v = np.stack(np.unravel_index(np.arange(600), (20, 30)), 1)
        >>> factor_vae_score(v[:, ::-1] * [3.0, -0.1], v)
        1.0
    """
    if batch < 2 or votes < 1 or held_out < 1:
        raise UsageError(
            f"Nothing varies or is counted with batch={batch}, votes={votes}, "
            f"held_out={held_out}.",
            how="Use 64, 10000 and 5000.",
        )
    v = index_of(factors)
    z = codes_of(codes, v)
    z = z[:, np.ptp(z, axis=0) > 0]
    if not z.shape[1]:
        return 0.0
    z = z / z.std(0)
    table = np.zeros((z.shape[1], v.shape[1]), dtype=np.int64)
    rng = np.random.default_rng([seed, 0xFAC7])
    np.add.at(table, _votes(z, v, votes, batch, rng), 1)
    named, fixed = _votes(z, v, held_out, batch, rng)
    return float((table.argmax(1)[named] == fixed).mean())


def _votes(
    z: Array, v: Array, n: int, batch: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Return for each of n votes the code that varied least, and the factor held fixed."""
    fixed = np.sort(rng.integers(v.shape[1], size=n))
    named = np.empty(n, dtype=np.int64)
    for k in range(v.shape[1]):
        order = np.argsort(v[:, k], kind="stable")
        counts = np.bincount(v[:, k])
        starts = np.cumsum(counts) - counts
        mine = np.flatnonzero(fixed == k)
        for part in np.split(mine, range(_ROWS, len(mine), _ROWS)):
            # Values as often as among the examples: on a full grid, equally often.
            value = v[rng.integers(len(v), size=len(part)), k][:, None]
            place = (rng.random((len(part), batch)) * counts[value]).astype(np.int64)
            named[part] = z[order[starts[value] + place]].var(1).argmin(1)
    return named, fixed
