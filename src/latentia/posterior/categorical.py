"""The encoder with latents that are choices of one of several."""

from __future__ import annotations

from typing import ClassVar, final

from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.one_hots import OneHots
from latentia.distribution.space import Space, require_choices
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Categorical"]

_LOGIT_LIMIT = 30.0


@final
class Categorical(Posterior):
    r"""Categorical q(z|x): the L latents are one or more choices, each of one class of several.

    .. math:: q(z|x) = \prod_g \prod_k \pi_{gk}(x)^{z_{gk}}, \quad \sum_k z_{gk} = 1

    With one choice this is a mixture model whose classes are learned: a clustering. Under a
    categorical prior the divergence has a closed form; the gradient of the reconstruction goes
    straight through the draw, or, with `--objective score-function`, past it.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents, all choices together.
        choices: How many choices; each is of one of L / choices classes.

    References:
        Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017; Bengio,
        Leonard and Courville, "Estimating or propagating gradients through stochastic neurons for
        conditional computation", 2013.

    Example:
        >>> import torch
        >>> from latentia.network.linear import Linear
        >>> q = Categorical(Linear(), (5,), 6, choices=2)(torch.zeros(3, 5))
        >>> q.sample().sum(-1)
        tensor([2., 2., 2.])
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "one-hot"

    def __init__(
        self, network: Network, x_shape: tuple[int, ...], latent_dim: int, *, choices: int = 1
    ) -> None:
        super().__init__()
        require_choices(latent_dim, choices, "posterior")
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim)
        self.choices = choices

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        logits = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        return OneHots(logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT).unflatten(-1, (self.choices, -1)))
