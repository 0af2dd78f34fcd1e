"""A picture and its multi-scale structural similarity: a cost, and no likelihood."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.ms_ssim import WEIGHTS, Likeness, scales_of
from latentia.errors import UsageError
from latentia.likelihood.base import Likelihood, Support
from latentia.network.base import Network

__all__ = ["MSSSIM"]


@final
class MSSSIM(Likelihood):
    r"""A cost and no likelihood: how unlike a decoded picture is by structure, at several scales.

    .. math:: -\lambda\, (1 - \text{MS-SSIM}(x, m(z)))

    It stands where log p(x|z) does, and is the logarithm of no probability: what is reported with
    it is marked, and is not in nats. lambda says how much of it a nat of KL is worth.

    How many scales there are is limited by the image, for a window has to fit in the coarsest:
    28x28 pixels have two for a window of 11, and three for one of 7.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example, (channels, height, width).
        latent_dim: L, the number of latents.
        weight: lambda, the cost of a picture that has nothing in common with x.
        scales: Scales that are compared, at most 5; as many as the image has where not given.
        window: Width of the Gaussian window in pixels, odd.

    References:
        Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality
        assessment", 2003; Snell et al., "Learning to generate images with perceptual similarity
        metrics", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = MSSSIM(Linear(), (1, 28, 28), 2)(torch.zeros(3, 2))
        >>> p.log_prob(p.mean) > -1e-3
        tensor([True, True, True])
    """

    describes: ClassVar[frozenset[Support]] = frozenset()
    factorizes: ClassVar[bool] = False
    is_coarse: ClassVar[bool] = True
    shows: ClassVar[tuple[str, str]] = ("Pictures", "decoded")
    unit: ClassVar[str] = "units of cost"
    cost: ClassVar[str] = (
        "MS-SSIM is a cost, a weight times how unlike two pictures are, and the logarithm of no "
        "probability; these numbers are not in nats"
    )

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        weight: float = 300.0,
        scales: int | None = None,
        window: int = 11,
    ) -> None:
        if weight <= 0 or window < 3 or window % 2 == 0:
            raise UsageError(
                f"MS-SSIM cannot have weight={weight}, window={window}.",
                where="--likelihood.weight, --likelihood.window",
                how="Give a positive weight and an odd window from 3.",
            )
        self.weight, self.window = weight, window
        self.scales = _scales(x_shape, scales, window)
        super().__init__(network, x_shape, latent_dim)

    def forward(self, z: Tensor, c: Tensor | None = None) -> Distribution:
        """Return the picture and its cost for p(x|z), batch (...), event (C, H, W)."""
        picture = self.emit_one(z, c).sigmoid()
        return Likeness(picture, weight=self.weight, scales=self.scales, window=self.window)

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the bias to logit(mean), with the mean kept within [0.001, 0.999]."""
        self.bias[0] = torch.logit(mean.clamp(0.001, 0.999))


def _scales(x_shape: tuple[int, ...], wanted: int | None, window: int) -> int:
    """Return how many scales are compared.

    Raises:
        UsageError: if x is no image, or has fewer.
    """
    if len(x_shape) != 3:
        raise UsageError(
            f"Only images have a structure, and examples of shape {x_shape} are none.",
            where="--likelihood ms-ssim",
            how="Use --likelihood gaussian, or reshape the data to images.",
        )
    there = scales_of(*x_shape[1:], window)
    asked = there if wanted is None else wanted
    if not there or not 1 <= asked <= there:
        size = f"{x_shape[1]}x{x_shape[2]}"
        what = "no scale" if not there else f"{there} scale{'s' * (there > 1)}"
        raise UsageError(
            f"Images of {size} pixels have {what} in which a window of {window} fits, and "
            f"{'at least one' if wanted is None else wanted} was asked for "
            f"(there are weights for {len(WEIGHTS)}).",
            where="--likelihood.scales, --likelihood.window",
            how="Use a smaller --likelihood.window, or fewer --likelihood.scales.",
        )
    return asked
