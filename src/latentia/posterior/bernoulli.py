"""The encoder with latents that are 0 or 1."""

from __future__ import annotations

from typing import ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from latentia.distribution.binary import Binary
from latentia.distribution.relaxation import Relaxation, Relaxed
from latentia.distribution.space import Space
from latentia.network.base import Network
from latentia.posterior._gradient import RELAXING, relaxation_of
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Bernoulli"]

# Probabilities within 1e-7 of 0 and 1: beyond, float32 has none, and their logarithm is none.
_LOGIT_LIMIT = 16.0


@final
class Bernoulli(Posterior):
    r"""The factorized Bernoulli q(z|x): each latent is a yes or a no.

    .. math:: q(z|x) = \prod_l p_l(x)^{z_l} (1 - p_l(x))^{1 - z_l}

    Under a Bernoulli prior the divergence has a closed form. Its gradient is exact; that of the
    reconstruction goes straight through the draw, or through a relaxed one, or, with `--objective
    score-function`, past it.

    .. math:: \tilde z = \sigma\Big(\frac{\mathrm{logit}\, p + g - g'}{\tau}\Big), \quad
        z = [\tilde z > 1/2] \sim B(p)

    `relaxed` (the binary concrete distribution) takes its step by the gradient of
    :math:`E[\log p(x|\tilde z)] - KL(q(z|x) \| p(z))`, a surrogate of the ELBO that is none; what
    is told of the step, as of every evaluation, is the ELBO at z. So a step decodes twice.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents.
        gradient: How it gets through z to the encoder: `straight-through` the probabilities,
            `straight-through-gumbel` the relaxed draw that z is the rounding of, `relaxed` decodes
            that draw. Numbers are those of z itself, whichever it is.
        temperature: tau of the relaxed draw; lower is less biased and varies more.

    References:
        Mnih and Gregor, "Neural variational inference and learning in belief networks", 2014;
        Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
        neurons for conditional computation", 2013; Maddison, Mnih and Teh, "The concrete
        distribution", 2017; Jang, Gu and Poole, "Categorical reparameterization with
        Gumbel-softmax", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> q = Bernoulli(Linear(), (5,), 2)(torch.zeros(3, 5))
        >>> sorted(set(q.sample((100,)).flatten().tolist()))
        [0.0, 1.0]
    """

    space: ClassVar[Space] = "binary"

    needs: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {
        "temperature": ("gradient", RELAXING)
    }

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        gradient: Literal["straight-through", "straight-through-gumbel", "relaxed"] = (
            "straight-through"
        ),
        temperature: float = 0.67,
    ) -> None:
        super().__init__()
        self.relaxation: Relaxation | None = relaxation_of(gradient, temperature)
        self.relaxes = gradient == "relaxed"
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim)

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        logits = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        each = Binary(logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT), self.relaxation)
        return Independent(each, 1, validate_args=False)

    def relaxed(self, q: Distribution, samples: int) -> Relaxed:
        """Return draws of q between zeros and ones, and what they are rounded to."""
        assert self.relaxation is not None and isinstance(q, Independent)
        return self.relaxation.binary(q.base_dist.logits, torch.Size([samples]))
