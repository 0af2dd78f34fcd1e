"""Paths between two points of the latent space."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from latentia.errors import UsageError

__all__ = ["both_ends", "path_between"]

Array = npt.NDArray[Any]


def both_ends(a: Any, b: Any) -> Array:
    """Return two examples as one array, (2, ...).

    Raises:
        UsageError: if they are of different shapes.
    """
    first, last = np.asarray(a), np.asarray(b)
    if first.shape != last.shape:
        raise UsageError(
            f"Between examples of shapes {first.shape} and {last.shape} there is no way.",
            how="Give two single examples, such as X[0] and X[1].",
        )
    return np.stack([first, last])


def path_between(
    a: Array, b: Array, steps: int, method: Literal["linear", "spherical"] = "linear"
) -> Array:
    r"""Return points on the way from a to b, (steps, L).

    .. math:: z(t) = \frac{\sin((1-t)\omega)}{\sin\omega} a + \frac{\sin(t\omega)}{\sin\omega} b

    is the spherical way, with omega the angle between them; the linear one is (1-t) a + t b.

    Arguments:
        a: One end, (L,).
        b: The other, (L,).
        steps: How many points, both ends included; at least 2.
        method: `linear` or `spherical`.

    References:
        White, "Sampling generative networks", 2016.

    Example:
        >>> path_between(np.array([0.0]), np.array([1.0]), 3)[:, 0].tolist()
        [0.0, 0.5, 1.0]
    """
    if steps < 2 or method not in ("linear", "spherical"):
        raise UsageError(
            f"There is no {method!r} way in {steps} steps.",
            where="--steps, --method",
            how="Use at least 2 steps, and the method linear or spherical.",
        )
    t = np.linspace(0, 1, steps)[:, None]
    length = np.linalg.norm(a) * np.linalg.norm(b)
    cosine = float(a @ b / length) if length else 1.0
    angle = np.arccos(np.clip(cosine, -1, 1))
    # Along one line through the origin there is no arc to follow.
    if method == "linear" or np.sin(angle) < 1e-6:
        straight: Array = ((1 - t) * a + t * b).astype(a.dtype)
        return straight
    arc: Array = (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
    return arc.astype(a.dtype)
