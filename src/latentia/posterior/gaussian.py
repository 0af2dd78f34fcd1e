"""The diagonal Gaussian encoder."""

from __future__ import annotations

from typing import Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal
from torch.nn.functional import softplus

from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Gaussian"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0


@final
class Gaussian(Posterior):
    r"""The diagonal Gaussian q(z|x) = N(z; mu(x), diag sigma(x)^2).

    .. math:: z = \mu(x) + \sigma(x) \odot \varepsilon, \quad \varepsilon \sim N(0, I)

    is the reparameterization trick: `rsample` draws this way, so gradients pass through z.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        scale: How sigma is made positive: `exp` of a linear output, or `softplus` plus 1e-6.

    References:
        Kingma and Welling, "Auto-encoding variational Bayes", 2014.

    Example:
        >>> from latentia.network.mlp import MLP
        >>> q = Gaussian(MLP(hidden=(8,)), (1, 4, 4), 2)(torch.zeros(3, 1, 4, 4))
        >>> q.batch_shape, q.event_shape
        (torch.Size([3]), torch.Size([2]))
    """

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        scale: Literal["exp", "softplus"] = "exp",
    ) -> None:
        super().__init__()
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, 2 * latent_dim)
        self.positive = {"exp": _exp, "softplus": _softplus}[scale]

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        both = self.head(self.body(self.standardize(x, c)))
        # The products may be of bfloat16; mu and sigma never are.
        loc, raw = both.to(self.head.weight.dtype).chunk(2, dim=-1)
        normal = Normal(loc, self.positive(raw), validate_args=False)
        return Independent(normal, 1, validate_args=False)


def _exp(raw: Tensor) -> Tensor:
    return torch.exp(raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT))


def _softplus(raw: Tensor) -> Tensor:
    return softplus(raw) + 1e-6
