"""Between the arrays of a user and the tensors of a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.view import BATCH

__all__ = ["Array", "array_of", "filled", "latents_of", "parts_of"]

Array = npt.NDArray[Any]


def parts_of(x: Tensor) -> tuple[Tensor, ...]:
    """Return x in parts of so many rows that their activations fit in memory."""
    parts: tuple[Tensor, ...] = x.split(BATCH)  # type: ignore[no-untyped-call]
    return parts


def array_of(tensor: Tensor) -> Array:
    """Return a tensor as an array."""
    found: Array = tensor.detach().cpu().numpy()
    return found


def filled(n: int, parts: Iterable[Tensor]) -> Array:
    """Return parts of n rows in all as one array, written as they come.

    Example:
        >>> filled(3, [torch.zeros(2, 1), torch.ones(1, 1)]).ravel()
        array([0., 0., 1.], dtype=float32)
    """
    found, done = np.empty(0), 0
    for part in parts:
        rows = array_of(part)
        if not done:
            found = np.empty((n, *rows.shape[1:]), rows.dtype)
        found[done : done + len(rows)] = rows
        done += len(rows)
    return found


def latents_of(Z: Any, latent_dim: int) -> Tensor:
    """Return latents (n, L) as a tensor.

    Raises:
        UsageError: if they are no finite numbers of this shape.
    """
    how = "Take them from `transform` (`latentia encode`), or draw them from the prior."
    try:
        if np.iscomplexobj(Z):
            raise TypeError("these are complex")
        z = torch.from_numpy(np.array(Z, dtype=np.float32))
    except (TypeError, ValueError) as error:
        raise UsageError(f"Latents must be real numbers: {error}.", where="Z", how=how) from None
    if z.ndim != 2 or z.shape[1] != latent_dim or not len(z):
        raise UsageError(
            f"Latents must be of shape (n, {latent_dim}), not {tuple(z.shape)}.",
            where="Z",
            how=how,
        )
    bad = (~torch.isfinite(z)).any(dim=1).nonzero().flatten()
    if len(bad):
        raise UsageError(
            f"Latents must be finite, and {len(bad)} of {len(z)} rows hold NaN or infinity.",
            where=f"Z, first in row {int(bad[0])} (counted from 0)",
            how=how,
        )
    return z
