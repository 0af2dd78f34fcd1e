"""The autoregressive decoder of black-and-white pixels."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.distribution.pixel import BlackOrWhite
from latentia.likelihood._causal import Causal
from latentia.likelihood.base import Support
from latentia.network.base import Network

__all__ = ["Autoregressive"]


@final
class Autoregressive(Causal):
    r"""The decoder of black-and-white pixels in their order, each given z and a window before it.

    .. math:: \log p(x|z) = \sum_i x_i \log p_i(x_{w(i)}, z)
        + (1 - x_i) \log(1 - p_i(x_{w(i)}, z))

    Pixels come row by row. All terms are one pass over a known x (teacher forcing); drawing takes
    a pass for each pixel. What the window tells of a stroke z need not, so z may say less, or
    nothing where the window is large: look at the KL and the active latents. There is no mean in
    closed form: pictures show draws, all from the same noise, so that they differ by z alone.

    Arguments:
        network: The architecture of the decoder.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        field: How far back the window goes: so many rows above and columns to either side; 0 is
            a Bernoulli decoder.
        width: Hidden features of the window at each pixel.
        layers: Hidden layers from there to the logit.
        features: Numbers by which z speaks to the hidden features of each pixel.

    References:
        Gulrajani et al., "PixelVAE", 2017; Chen et al., "Variational lossy autoencoder", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> p = Autoregressive(Linear(), (1, 4, 4), 2, field=2)(torch.zeros(3, 2))
        >>> p.log_prob(torch.ones(1, 4, 4)).shape
        torch.Size([3])
    """

    describes: ClassVar[frozenset[Support]] = frozenset({"binary"})
    is_coarse: ClassVar[bool] = True
    pixel = BlackOrWhite()
    own = 1

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        field: int = 3,
        width: int = 16,
        layers: int = 1,
        features: int = 4,
    ) -> None:
        super().__init__(
            network,
            x_shape,
            latent_dim,
            field=field,
            width=width,
            layers=layers,
            features=features,
        )

    @torch.no_grad()
    def initialise(self, mean: Tensor, std: Tensor) -> None:
        """Set the logits' bias to logit(mean), with the mean kept within [0.001, 0.999]."""
        self.bias[0] = torch.logit(mean.clamp(0.001, 0.999))
