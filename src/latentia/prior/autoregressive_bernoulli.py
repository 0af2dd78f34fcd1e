"""The prior of zeros and ones that depend on each other."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor
from torch.distributions import Distribution

from latentia.distribution.autoregressive_codes import Autoregressive
from latentia.distribution.space import Space
from latentia.prior._causal import Causal
from latentia.prior.base import Prior

__all__ = ["AutoregressiveBernoulli"]


@final
class AutoregressiveBernoulli(Prior):
    r"""Zeros and ones one after the other, each with a probability that those before it decide.

    .. math:: p(z) = \prod_l p(z_l | z_1, \dots, z_{l-1})

    Independent latents of probability one half are where it starts.

    Arguments:
        latent_dim: L, the number of latents.
        layers: How many layers of attention.
        width: Numbers for each latent in every layer; a multiple of 32, or less than that.

    References:
        Gregor et al., "Deep autoregressive networks", 2014.

    Example:
        >>> import torch
        >>> AutoregressiveBernoulli(3)().log_prob(torch.ones(3)).exp()
        tensor(0.1250, grad_fn=<ExpBackward0>)
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "binary"

    def __init__(self, latent_dim: int, *, layers: int = 2, width: int = 128) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.network = Causal(latent_dim, 2, layers=layers, width=width)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the prior, event (L,)."""
        like = self.network.bias.detach()
        return Autoregressive(self.network, self.latent_dim, 2, like, binary=True)
