"""Principal components of the pixels."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA as PrincipalComponents
from torch import Tensor

from latentia.errors import UsageError
from latentia.feature.base import Extract, Feature

__all__ = ["PCA"]


@final
class PCA(Feature):
    r"""The first principal components of the reference's pixels: for images of any kind.

    .. math:: f(x) = W^\top (x - \bar x)

    They see light and shade in the large, and know of no object: a blur costs little here. The
    components are those of the reference, so numbers compare for one reference alone.

    Arguments:
        components: D, how many at most.

    References:
        Pearson, "On lines and planes of closest fit to systems of points in space", 1901.

    Example:
        >>> import torch
        >>> x = torch.rand(50, 1, 8, 8)
        >>> PCA(components=5).of(x)(x).shape
        (50, 5)
    """

    def __init__(self, *, components: int = 64) -> None:
        if components < 1:
            raise UsageError(
                f"At least one component, not {components}.",
                where="--feature.components",
                how="Use 64, or fewer for a few hundred images.",
            )
        self.components = components

    def of(self, reference: Tensor) -> Extract:
        """Return the function from images (n, C, H, W) to their components (n, D).

        Raises:
            UsageError: if pixels of the reference are missing, or it is a single image.
        """
        x = _flat(reference)
        if len(x) < 2 or not np.isfinite(x).all():
            raise UsageError(
                "Components need two images or more, with no pixel missing.",
                where="--feature pca",
                how="Give more images, or fill what is missing in them.",
            )
        few = min(self.components, len(x) - 1, x.shape[1])
        fitted = PrincipalComponents(few, random_state=0).fit(x)
        return lambda images: np.asarray(fitted.transform(_flat(images)))


def _flat(x: Tensor) -> npt.NDArray[Any]:
    """Return images as rows of pixels, (n, C * H * W), float64."""
    return x.cpu().double().flatten(1).numpy()
