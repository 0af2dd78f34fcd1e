"""The encoder with several Gaussians for one x."""

from __future__ import annotations

from typing import ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.reparameterized_mixture import ReparameterizedMixture
from latentia.errors import UsageError
from latentia.network.base import Network
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Mixture"]

# exp(+-10) keeps every density finite in float32; no trained encoder comes near.
_LOG_SCALE_LIMIT = 10.0


@final
class Mixture(Posterior):
    r"""A mixture of diagonal Gaussians, for x that z can explain in more than one way.

    .. math:: q(z|x) = \sum_c \pi_c(x)\, N(z; \mu_c(x), \mathrm{diag}\, \sigma_c^2(x))

    Draws have a gradient by implicit reparameterization. That of learned weights pi is unbiased,
    but its variance grows with the distance of the components, and one of two modes may be lost
    in training; even weights put more or fewer components on a mode instead. The divergence from
    the prior has no closed form and is sampled.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        components: C, the number of Gaussians.
        weights: `even`, 1 / C each, or `learned`.

    References:
        Morningstar et al., "Automatic differentiation variational inference with mixtures", 2021;
        Figurnov, Mohamed and Mnih, "Implicit reparameterization gradients", 2018.

    Example:
        >>> from latentia.network.linear import Linear
        >>> Mixture(Linear(), (5,), 2, components=3)(torch.zeros(4, 5)).loc.shape
        torch.Size([4, 3, 2])
    """

    compiles: ClassVar[bool] = False

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        components: int = 4,
        weights: Literal["even", "learned"] = "even",
    ) -> None:
        super().__init__()
        if components < 1:
            raise UsageError(
                f"A mixture needs at least one component, not {components}.",
                where=f"--posterior.components {components}",
            )
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.learned = weights == "learned"
        self.shape = (components, 2 * latent_dim + self.learned)
        self.head = nn.Linear(self.body.out_features, components * self.shape[1])
        # Components that start at one place find one mode: they start as draws of the prior.
        bias = self.head.bias.data.view(self.shape)
        nn.init.normal_(bias[:, :latent_dim], std=float(components > 1))

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        out = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        out = out.unflatten(-1, self.shape)
        logits = out[..., -1] if self.learned else torch.zeros_like(out[..., 0])
        loc, raw = (out[..., :-1] if self.learned else out).chunk(2, -1)
        scale = raw.clamp(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT).exp()
        return ReparameterizedMixture(logits, loc, scale)
