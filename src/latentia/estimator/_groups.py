"""A ladder's groups, as an estimator tells of them."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.evaluation.by_group import group_sizes
from latentia.model import LatentVariableModel
from latentia.posterior.ladder import Ladder

__all__ = ["means_by_group"]


def means_by_group(model: LatentVariableModel, x: Tensor) -> Iterator[Tensor]:
    """Yield latents (B, L) of x (B, *x_shape) of which the first 0, 1, ..., G groups see x.

    Raises:
        UsageError: if the latents stand in no groups.
    """
    posterior = model.posterior
    if not isinstance(posterior, Ladder):
        raise UsageError(
            "The latents of this model stand in no groups.",
            how="Only a ladder's do: network='ladder'.",
        )
    for groups in range(len(group_sizes(model)) + 1):
        with torch.no_grad():
            yield posterior.first(x, groups)
