"""Pictures whose ink is bright where the model's is dark, or the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from latentia.estimator.base import Estimator
from latentia.posterior.base import as_it_is

__all__ = ["inverted"]

# Of data that are neither dark nor bright their negatives cannot be told by their mean.
_LOPSIDED = 0.3
_NEARER = 3.0


def inverted(model: Estimator, x: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return a note where pictures look like negatives of what the model was trained on.

    One does if its mean intensity is far nearer to one minus that of the training data than to
    that itself. The model takes it as it is: its nats say how unlikely such a picture is.

    Arguments:
        model: The model.
        x: Its examples (n, *schema.shape).
    """
    schema, view = model.schema_, model.model_.posterior.standardize
    if not schema.is_image or schema.kind == "real" or view.seen is not as_it_is or not len(x):
        return ()
    usual = float(view.shift.mean())
    if abs(1 - 2 * usual) < _LOPSIDED:
        return ()
    white = 255 if schema.kind == "bytes" else 1
    flat = x.reshape(len(x), -1)
    known = np.maximum(np.count_nonzero(~np.isnan(flat), axis=1), 1)
    mean = np.nansum(flat, axis=1, dtype=np.float64) / known / white
    rows = np.flatnonzero(_NEARER * abs(mean - (1 - usual)) < abs(mean - usual)).tolist()
    if not rows:
        return ()
    said = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    return (
        "Bright and dark look swapped: the mean intensity of what was trained on is "
        f"{usual:.2f}, and here {mean[rows[0]]:.2f}, in rows {said} (counted from 0). They were "
        "taken as they are.",
    )
