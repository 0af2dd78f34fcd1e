"""The prior that depends on the conditions."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from latentia.conditions import present
from latentia.errors import UsageError
from latentia.prior.base import Prior

__all__ = ["Conditional"]

# Deviations of the prior within e^-5 and e^5 of a standard normal's.
_LOG_SCALE = 5.0


@final
class Conditional(Prior):
    r"""The Gaussian p(z|c) = N(z; mu(c), diag sigma(c)^2) of a network that sees the conditions.

    It starts as N(0, I) for every c. Under it latents may mean something else for each condition;
    under a prior that knows nothing of c, they are what the conditions leave open.

    Arguments:
        latent_dim: L, the number of latents.
        c_dim: C, how many numbers the conditions are.
        hidden: Widths of the network's hidden layers.

    Raises:
        UsageError: if the model has no conditions.

    References:
        Sohn, Lee and Yan, "Learning structured output representation using deep conditional
        generative models", 2015.

    Example:
        >>> Conditional(2, c_dim=3)(torch.eye(3)).batch_shape
        torch.Size([3])
    """

    def __init__(self, latent_dim: int, c_dim: int, *, hidden: tuple[int, ...] = (128,)) -> None:
        super().__init__()
        if not c_dim or any(width < 1 for width in hidden):
            raise UsageError(
                "A prior p(z|c) needs conditions, and positive widths of its network.",
                where="--prior conditional",
                how="Name them with --condition, or use --prior standard-normal.",
            )
        layers: list[nn.Module] = []
        for before, after in zip((c_dim, *hidden), hidden, strict=False):
            layers += [nn.Linear(before, after), nn.SiLU()]
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear((c_dim, *hidden)[-1], 2 * latent_dim)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, c: Tensor | None = None) -> Distribution:
        """Return p(z|c), batch (B,), event (L,)."""
        both = self.head(self.body(present(self.c if c is None else c)))
        loc, raw = both.to(self.head.weight.dtype).chunk(2, -1)
        scale = torch.exp(raw.clamp(-_LOG_SCALE, _LOG_SCALE))
        return Independent(Normal(loc, scale, validate_args=False), 1, validate_args=False)
