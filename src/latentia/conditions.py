"""Conditions c of p(x|c): how they stand beside the tensors of a batch."""

from __future__ import annotations

import torch
from torch import Tensor

from latentia.errors import UsageError

__all__ = ["beside", "present"]


def present(c: Tensor | None) -> Tensor:
    """Return conditions, or raise where a model of p(x|c) is used without any.

    Raises:
        UsageError: if there are none.
    """
    if c is None:
        raise UsageError(
            "This model is one of p(x|c), and nothing says under which conditions.",
            how="Say them: `latentia ... --condition NAME=VALUE`, in Python `model.given(value)`.",
        )
    return c


def beside(z: Tensor, c: Tensor) -> Tensor:
    """Return latents with their conditions behind them.

    Arguments:
        z: Latents, (..., B, L); (..., 1, L) are those of all examples.
        c: Conditions, (B, C); (1, C) are those of all examples.

    Returns:
        (..., B, L + C).

    Example:
        >>> beside(torch.zeros(7, 1, 2), torch.ones(3, 4)).shape
        torch.Size([7, 3, 6])
    """
    shape = torch.broadcast_shapes(z.shape[:-1], c.shape[:-1])  # type: ignore[no-untyped-call]
    return torch.cat([z.expand(*shape, -1), c.to(z.dtype).expand(*shape, -1)], -1)
