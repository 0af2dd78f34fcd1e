"""Reconstruction while codes are led to where the prior's draws are."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.nn.functional import softplus

from latentia.distribution.space import Space
from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective._critic import Adversarial, Sides
from latentia.objective.base import require_positive, with_gradient_of

__all__ = ["AAE"]


@final
class AAE(Adversarial):
    r"""Reconstruction of codes that a critic takes for prior draws: an adversarial autoencoder.

    .. math:: E_q[\log p(x|z)] + \lambda\, E_{q(z)}[\log D(z)], \quad
        D(z) = \frac{1}{1 + e^{T(z)}} \to \frac{p(z)}{p(z) + q(z)}

    The critic T learns to tell codes from as many draws of the prior; the encoder is paid where it
    takes a code for a draw (the loss that does not saturate). Nothing is asked of a single q(z|x):
    with points for posteriors this is the adversarial autoencoder, or a Wasserstein autoencoder
    with a critic. A prior that learns climbs E_q[log p(z)], which moves nothing else. Of p(x|c)
    the critic sees c beside z. Its opinion is in no reported bound.

    Arguments:
        weight: lambda, what it costs to be found out, in nats.
        hidden: Widths of the critic's hidden layers.
        rate: The critic's own step size, constant.

    References:
        Makhzani et al., "Adversarial autoencoders", 2016; Tolstikhin et al., "Wasserstein
        auto-encoders" (WAE-GAN), 2018.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, one, one, kl=3 * one[0], kl_per_dim=None, penalty=one[0])
        >>> AAE(weight=5.0)(terms)
        tensor([-6., -6.])
    """

    is_tight: ClassVar[bool] = False
    pays_for_prior: ClassVar[bool] = False
    spaces: ClassVar[tuple[Space, ...]] = ("real", "sphere")
    estimates: ClassVar[str] = "marginal_kl"

    def __init__(
        self,
        *,
        weight: float = 10.0,
        hidden: tuple[int, ...] = (256, 256, 256),
        rate: float = 1e-3,
    ) -> None:
        require_positive(weight=weight)
        super().__init__(hidden=hidden, rate=rate)
        self.weight = weight

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a prior from which nothing can be drawn."""
        super().require(model)
        if not model.prior.is_proper:
            raise UsageError(
                "The critic compares codes with draws of the prior, and this prior has none.",
                where="--objective prior-critic, --prior",
                how="Use --prior standard-normal: with --posterior dirac that is an adversarial "
                "autoencoder.",
            )

    def shown(self, model: LatentVariableModel, z: Tensor) -> Tensor:
        """Return codes (..., B, L) with the conditions of the batch beside them, if there are."""
        if model.c is None:
            return z
        return torch.cat([z, model.c.to(z).expand(*z.shape[:-1], -1)], -1)

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with -log D of each code as the penalty."""
        terms = super().terms(model, x, given=given)
        z = terms.z
        assert z is not None
        found_out = softplus(self.critic.opinion(self.shown(model, z))).mean(0)
        # The prior is fitted to the codes, and no code to the prior's density.
        log_pz = model.prior().log_prob(z.detach())
        return terms._replace(log_pz=log_pz, penalty=found_out)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return reconstruction less lambda times the penalty, (B,) nats."""
        value = terms.reconstruction
        if terms.penalty is not None:
            value = value - self.weight * terms.penalty
        return with_gradient_of(value, value + terms.log_pz.mean(0))

    @torch.no_grad()
    def sides(self, model: LatentVariableModel, terms: Terms) -> Sides | None:
        """Return the codes, and as many draws of the prior."""
        assert terms.z is not None
        z = terms.z[0].detach()
        drawn = model.draw_prior(len(z))
        return Sides(self.shown(model, z), self.shown(model, drawn))
