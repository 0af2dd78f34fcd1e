"""The encoder with latents that are 0 or 1."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.distribution.binary import Binary
from latentia.distribution.space import Space
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Bernoulli"]

# Probabilities within 1e-7 of 0 and 1: beyond, float32 has none, and their logarithm is none.
_LOGIT_LIMIT = 16.0


@final
class Bernoulli(Posterior):
    r"""The factorized Bernoulli q(z|x): each latent is a yes or a no.

    .. math:: q(z|x) = \prod_l p_l(x)^{z_l} (1 - p_l(x))^{1 - z_l}

    Under a Bernoulli prior the divergence has a closed form. Its gradient is exact; that of the
    reconstruction goes straight through the draw, or, with `--objective score-function`, past it.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.

    References:
        Mnih and Gregor, "Neural variational inference and learning in belief networks", 2014;
        Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
        neurons for conditional computation", 2013.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> q = Bernoulli(Linear(), (5,), 2)(torch.zeros(3, 5))
        >>> sorted(set(q.sample((100,)).flatten().tolist()))
        [0.0, 1.0]
    """

    space: ClassVar[Space] = "binary"

    def __init__(self, network: Network, x_shape: tuple[int, ...], latent_dim: int) -> None:
        super().__init__()
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        logits = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        each = Binary(logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT))
        return Independent(each, 1, validate_args=False)
