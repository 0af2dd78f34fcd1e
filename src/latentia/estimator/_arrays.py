"""Between the arrays of a user and the tensors of a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentia.errors import UsageError

__all__ = ["Array", "array_of", "latents_of", "parts_of"]

Array = npt.NDArray[Any]
_ROWS = 500


def parts_of(x: Tensor) -> tuple[Tensor, ...]:
    """Return x in parts of so many rows that their activations fit in memory."""
    parts: tuple[Tensor, ...] = x.split(_ROWS)  # type: ignore[no-untyped-call]
    return parts


def array_of(tensor: Tensor) -> Array:
    """Return a tensor as an array."""
    found: Array = tensor.detach().cpu().numpy()
    return found


def latents_of(Z: Any, latent_dim: int) -> Tensor:
    """Return latents (n, L) as a tensor.

    Raises:
        UsageError: if they are no finite numbers of this shape.
    """
    try:
        z = torch.from_numpy(np.array(Z, dtype=np.float32))
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"Latents must be numbers: {error}.",
            where="Z",
            how=f"Give an array of shape (n, {latent_dim}).",
        ) from None
    if z.ndim != 2 or z.shape[1] != latent_dim or not bool(torch.isfinite(z).all()):
        raise UsageError(
            f"Latents must be finite and of shape (n, {latent_dim}), not {tuple(z.shape)}.",
            where="Z",
            how="Take them from `transform` (`latentia encode`), or draw them from the prior.",
        )
    return z
