"""The encoder that rounds every number to one of a few levels."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.quantized import Quantized
from latentia.distribution.space import Space, require_choices
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["ScalarQuantized"]


@final
class ScalarQuantized(Posterior):
    r"""Finite scalar quantization: each of some numbers of x becomes the nearest of C levels.

    .. math:: q(z|x) = [z = z(x)], \quad
        z_g(x) = \mathrm{round}\Big((C - 1) \frac{1 + \tanh e_g(x)}{2}\Big)

    The levels lie evenly from -1 to 1, and the decoder sees them; there is no codebook that
    could be learned or left unused, and nothing to be charged for. G numbers of C levels are C^G
    codes. q is a point on codes that can be counted: log q = 0, and the ELBO is a true bound. Its
    gradient goes straight through the rounding.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents, the levels of all numbers together.
        choices: G, how many numbers; each has L / G levels.

    References:
        Mentzer, Minnen, Agustsson and Tschannen, "Finite scalar quantization: VQ-VAE made
        simple", 2024.

    Example:
        >>> from latentia.network.linear import Linear
        >>> q = ScalarQuantized(Linear(), (5,), 6, choices=2)
        >>> z = torch.tensor([1.0, 0, 0, 0, 1, 0])
        >>> q(torch.zeros(4, 5)).sample().sum(-1), q.embedded(z)
        (tensor([2., 2., 2., 2.]), tensor([-1.,  0.]))
    """

    compiles: ClassVar[bool] = False
    covers: ClassVar[bool] = False
    space: ClassVar[Space] = "one-hot"
    levels: Tensor

    def __init__(
        self, network: Network, x_shape: tuple[int, ...], latent_dim: int, *, choices: int = 1
    ) -> None:
        super().__init__()
        require_choices(latent_dim, choices, "posterior")
        self.standardize = Standardize(x_shape)
        self.choices, self.classes = choices, latent_dim // choices
        self.decoded_dim = choices
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, choices)
        self.register_buffer("levels", torch.linspace(-1, 1, self.classes), persistent=False)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        encoded = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype).tanh()
        places = (encoded.detach() + 1) * ((self.classes - 1) / 2)
        return Quantized(places.round().long(), self.classes, encoded)

    def embedded(self, z: Tensor) -> Tensor:
        """Return the levels that z (..., L) stands for, (..., E)."""
        each = z.reshape(*z.shape[:-1], self.choices, self.classes)
        return (each * self.levels).sum(-1)
