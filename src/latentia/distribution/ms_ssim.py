"""The multi-scale structural similarity of pictures, and the cost that it makes."""

from __future__ import annotations

from math import exp
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.nn.functional import avg_pool2d, conv2d

__all__ = ["SIGMA", "WEIGHTS", "Likeness", "ms_ssim", "scales_of"]

# Of each scale, from the finest on (Wang et al., 2003).
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# Standard deviation of the window, in pixels.
SIGMA = 1.5
# (0.01 L)^2 and (0.03 L)^2 for values of range L = 1.
_C1, _C2 = 1e-4, 9e-4
# A mean similarity below this counts as this: a power of a negative number is none, and the slope
# of a power of nearly 0 is as good as infinite.
_LEAST = 1e-4


def scales_of(height: int, width: int, window: int) -> int:
    """Return how many scales an image has in which a window fits, at most 5.

    Example:
        >>> scales_of(28, 28, 11), scales_of(28, 28, 7), scales_of(256, 256, 11)
        (2, 3, 5)
    """
    side, found = min(height, width), 0
    while side >= window and found < len(WEIGHTS):
        side, found = side // 2, found + 1
    return found


def ms_ssim(x: Tensor, y: Tensor, *, scales: int, window: int = 11) -> Tensor:
    r"""Return the multi-scale structural similarity of images of values in [0, 1].

    .. math:: \Big[\prod_{j < M} \overline{cs}_j^{\,w_j}\Big]\; \overline{l\,cs}_M^{\,w_M}, \quad
        l = \frac{2 \mu_x \mu_y + C_1}{\mu_x^2 + \mu_y^2 + C_1}, \quad
        cs = \frac{2 \sigma_{xy} + C_2}{\sigma_x^2 + \sigma_y^2 + C_2}

    Moments are those under a Gaussian window of standard deviation 1.5, wherever it fits; bars
    are means over its places. Each scale is the means of 2x2 pixels of the one before (an odd last
    row or column is left out). Weights w are those of the first M of the paper's five scales,
    scaled to sum to one. A mean below 1e-4 counts as 1e-4. Channels are averaged.

    Arguments:
        x: Images, (..., C, H, W).
        y: Others, of a shape that broadcasts with it.
        scales: M; see `scales_of`.
        window: Width of the window in pixels, odd.

    Returns:
        (...), at most 1; it is 1 for the same image.

    References:
        Wang, Simoncelli and Bovik, "Multiscale structural similarity for image quality
        assessment", 2003.

    Example:
        >>> x = torch.rand(2, 1, 28, 28)
        >>> ms_ssim(x, x, scales=2)
        tensor([1., 1.])
    """
    weights = torch.tensor(WEIGHTS[:scales], dtype=x.dtype, device=x.device)
    weights = weights / weights.sum()
    found = torch.ones((), dtype=x.dtype, device=x.device)
    for j in range(scales):
        if j:
            x, y = _halved(x), _halved(y)
        luminance, structure = _maps(x, y, window)
        each = structure if j < scales - 1 else luminance * structure
        found = found * each.mean((-2, -1)).clamp_min(_LEAST) ** weights[j]
    return found.mean(-1)


def _maps(x: Tensor, y: Tensor, window: int) -> tuple[Tensor, Tensor]:
    """Return l and cs at every place where the window fits."""
    mean_x, mean_y = _blurred(x, window), _blurred(y, window)
    var_x = _blurred(x * x, window) - mean_x * mean_x
    var_y = _blurred(y * y, window) - mean_y * mean_y
    both = _blurred(x * y, window) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (mean_x * mean_x + mean_y * mean_y + _C1)
    return luminance, (2 * both + _C2) / (var_x + var_y + _C2)


def _blurred(x: Tensor, window: int) -> Tensor:
    """Return the window's mean of x (..., H, W) wherever it fits, (..., H - n + 1, W - n + 1)."""
    weight = torch.tensor(_gaussian(window), dtype=x.dtype, device=x.device)
    flat = x.reshape(-1, 1, *x.shape[-2:])
    # A variance is a difference of such means, and of bfloat16 nothing of it would be left.
    with torch.autocast(x.device.type, enabled=False):
        flat = conv2d(conv2d(flat, weight.view(1, 1, -1, 1)), weight.view(1, 1, 1, -1))
    return flat.reshape(*x.shape[:-2], *flat.shape[-2:])


def _gaussian(window: int) -> list[float]:
    """Return the weights of a window: floats, which a compiler takes as they are."""
    middle = (window - 1) / 2
    weight = [exp(-((k - middle) ** 2) / (2 * SIGMA**2)) for k in range(window)]
    return [w / sum(weight) for w in weight]


def _halved(x: Tensor) -> Tensor:
    flat = avg_pool2d(x.reshape(-1, 1, *x.shape[-2:]), 2)
    return flat.reshape(*x.shape[:-2], *flat.shape[-2:])


@final
class Likeness(Distribution):
    r"""A picture, and what it costs to be unlike it. It is the density of nothing.

    .. math:: \text{log\_prob}(x) = -\lambda\, (1 - \text{MS-SSIM}(x, m))

    The integral of its exponential over x is not known, so nothing here is in nats. A draw is the
    picture itself.

    Arguments:
        picture: m, (..., C, H, W), within [0, 1].
        weight: lambda, what it costs to have nothing in common.
        scales: Scales that are compared.
        window: Width of the window in pixels, odd.

    Example:
        >>> x = torch.rand(2, 1, 28, 28)
        >>> Likeness(x, weight=100.0, scales=2, window=11).log_prob(1 - x) < -10
        tensor([True, True])
    """

    arg_constraints = {"picture": constraints.unit_interval}  # noqa: RUF012
    support = constraints.unit_interval

    def __init__(self, picture: Tensor, *, weight: float, scales: int, window: int) -> None:
        self.picture, self.weight, self.scales, self.window = picture, weight, scales, window
        super().__init__(picture.shape[:-3], picture.shape[-3:], validate_args=False)

    @property
    def mean(self) -> Tensor:
        """The picture, (..., C, H, W)."""
        return self.picture

    def log_prob(self, value: Tensor) -> Tensor:
        """Return minus the cost of value, of the shape to which value and batch broadcast."""
        alike = ms_ssim(value, self.picture, scales=self.scales, window=self.window)
        return -self.weight * (1 - alike)

    def sample(self, sample_shape: torch.Size | list[int] | tuple[int, ...] = ()) -> Tensor:
        """Return the picture itself, so many times."""
        return self.picture.detach().expand(self._extended_shape(torch.Size(sample_shape)))
