"""The encoder with latents that are choices of one of several."""

from __future__ import annotations

from typing import ClassVar, Literal, final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.one_hots import OneHots
from latentia.distribution.relaxation import Relaxation, Relaxed
from latentia.distribution.space import Space, require_choices
from latentia.network.base import Network
from latentia.posterior._gradient import RELAXING, relaxation_of
from latentia.posterior.base import Posterior, Standardize

__all__ = ["Categorical"]

_LOGIT_LIMIT = 30.0


@final
class Categorical(Posterior):
    r"""Categorical q(z|x): the L latents are one or more choices, each of one class of several.

    .. math:: q(z|x) = \prod_g \prod_k \pi_{gk}(x)^{z_{gk}}, \quad \sum_k z_{gk} = 1

    With one choice this is a mixture model whose classes are learned: a clustering. Under a
    categorical prior the divergence has a closed form; the gradient of the reconstruction goes
    straight through the draw, or through a relaxed one, or, with `--objective score-function`,
    past it.

    .. math:: \tilde z_{gk} = \frac{e^{(\log \pi_{gk} + \gamma_{gk}) / \tau}}
        {\sum_j e^{(\log \pi_{gj} + \gamma_{gj}) / \tau}}, \quad z_g =
        \mathrm{onehot}(\arg\max_k \tilde z_{gk}) \sim \pi_g

    `relaxed` (the Gumbel-softmax, or concrete, distribution) takes its step by the gradient of
    :math:`E[\log p(x|\tilde z)] - KL(q(z|x) \| p(z))`, a surrogate of the ELBO that is none; what
    is told of the step, as of every evaluation, is the ELBO at z. So a step decodes twice.

    Arguments:
        network: The architecture of the encoder's body.
        x_shape: Shape of one example.
        latent_dim: L, the number of latents, all choices together.
        choices: How many choices; each is of one of L / choices classes.
        gradient: How it gets through z to the encoder: `straight-through` the probabilities,
            `straight-through-gumbel` the relaxed draw that z is the rounding of, `relaxed` decodes
            that draw. Numbers are those of z itself, whichever it is.
        temperature: tau of the relaxed draw; lower is less biased and varies more.

    References:
        Bengio, Leonard and Courville, "Estimating or propagating gradients through stochastic
        neurons for conditional computation" (straight-through), 2013; Jang, Gu and Poole,
        "Categorical reparameterization with Gumbel-softmax", 2017; Maddison, Mnih and Teh, "The
        concrete distribution", 2017.

    Example:
        >>> from latentia.network.linear import Linear
        >>> q = Categorical(Linear(), (5,), 6, choices=2)(torch.zeros(3, 5))
        >>> q.sample().sum(-1)
        tensor([2., 2., 2.])
    """

    compiles: ClassVar[bool] = False
    space: ClassVar[Space] = "one-hot"

    needs: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {
        "temperature": ("gradient", RELAXING)
    }

    def __init__(
        self,
        network: Network,
        x_shape: tuple[int, ...],
        latent_dim: int,
        *,
        choices: int = 1,
        gradient: Literal["straight-through", "straight-through-gumbel", "relaxed"] = (
            "straight-through"
        ),
        temperature: float = 0.67,
    ) -> None:
        super().__init__()
        self.relaxation: Relaxation | None = relaxation_of(gradient, temperature)
        self.relaxes = gradient == "relaxed"
        require_choices(latent_dim, choices, "posterior")
        self.standardize = Standardize(x_shape)
        self.body = network.encoder(x_shape)
        self.head = nn.Linear(self.body.out_features, latent_dim)
        self.choices = choices

    def forward(self, x: Tensor, c: Tensor | None = None) -> Distribution:
        """Return q(z|x), batch (B,), event (L,)."""
        logits = self.head(self.body(self.standardize(x, c))).to(self.head.weight.dtype)
        logits = logits.clamp(-_LOGIT_LIMIT, _LOGIT_LIMIT).unflatten(-1, (self.choices, -1))
        return OneHots(logits, self.relaxation)

    def relaxed(self, q: Distribution, samples: int) -> Relaxed:
        """Return draws of q between the choices, and the choices that they are rounded to."""
        assert self.relaxation is not None and isinstance(q, OneHots)
        return self.relaxation.one_hots(q.logits, torch.Size([samples]))
