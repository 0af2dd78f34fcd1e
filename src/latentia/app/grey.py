"""Greys of which a model that knows black and white alone reads one draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.estimator.base import Estimator

__all__ = ["drawn"]


def drawn(model: Estimator, x: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return a note where numbers are of a black-and-white draw of x, and not of x.

    Arguments:
        model: The model.
        x: Its examples (n, *schema.shape).
    """
    kind = model.schema_.kind
    if model.config_.model.binarize != "dynamic" or kind not in ("bytes", "unit"):
        return ()
    white = 255 if kind == "bytes" else 1
    flat = x.reshape(len(x), -1)
    rows = np.flatnonzero(((flat > 0) & (flat < white)).any(axis=1)).tolist()
    if not rows:
        return ()
    said = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return (
        f"Greys were drawn black or white once, by `seed`, in rows {said} (counted from 0), and "
        "the numbers are of this draw: those of another seed may differ by many nats, which "
        "`error` leaves out. Rank single rows by the mean over several seeds.",
    )
