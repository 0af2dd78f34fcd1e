"""The prior of latents that are choices of one of several."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.one_hots import OneHots
from latentia.distribution.space import Space, require_choices
from latentia.prior.base import Prior

__all__ = ["Categorical"]

_LOGIT_LIMIT = 30.0


@final
class Categorical(Prior):
    r"""Independent choices of one class of several, with learned probabilities, equal at first.

    .. math:: p(z) = \prod_g \prod_k \pi_{gk}^{z_{gk}}

    With one choice p(x) is a mixture of as many decoded classes, and pi are their weights.

    Arguments:
        latent_dim: L, the number of latents, all choices together.
        choices: How many choices; each is of one of L / choices classes.

    References:
        Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017.

    Example:
        >>> Categorical(4)().log_prob(torch.tensor([0.0, 1, 0, 0])).exp()
        tensor(0.2500, grad_fn=<ExpBackward0>)
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "one-hot"

    def __init__(self, latent_dim: int, *, choices: int = 1) -> None:
        super().__init__()
        require_choices(latent_dim, choices, "prior")
        self.logits = nn.Parameter(torch.zeros(choices, latent_dim // choices))

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return the prior, event (L,)."""
        return OneHots(self.logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT))
