"""A regularized autoencoder's objective."""

from __future__ import annotations

from math import inf
from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, require_positive

__all__ = ["RAE"]


@final
class RAE(Objective):
    r"""Reconstruction with a price on large latents and on an unsmooth decoder.

    .. math:: E_q[\log p(x|z)] - \beta\, KL(q(z|x) \| p(z))
        - \lambda \|\theta\|^2 - \mu\, \|\nabla_z\, \textstyle\sum_d E[x_d|z]\|^2

    With a Dirac posterior and a standard normal prior the second term is beta |z|^2 / 2 and a
    constant: a regularized autoencoder, whose prior is fitted after training. None of this is a
    bound.

    Arguments:
        beta: What the latents cost.
        l2: lambda, what the decoder's squared weights cost.
        smooth: mu, what the decoder's squared gradient costs.

    References:
        Ghosh et al., "From variational to deterministic autoencoders", 2020.

    Example:
        >>> one = torch.ones(1, 2)
        >>> terms = Terms(-one, -one, 0 * one, None, None, penalty=one[0])
        >>> RAE(beta=0.5)(terms)
        tensor([-2.5000, -2.5000])
    """

    is_tight: ClassVar[bool] = False
    relaxes: ClassVar[bool] = True

    def __init__(self, *, beta: float = 1.0, l2: float = 0.0, smooth: float = 0.0) -> None:
        require_positive(beta=beta, l2=l2, smooth=smooth)
        self.beta, self.l2, self.smooth = beta, l2, smooth

    @property
    def compiles(self) -> bool:
        """Whether no gradient is part of it."""
        return not self.smooth

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a gradient of the mean where there is none in closed form."""
        super().require(model)
        if self.smooth and not model.likelihood.has_mean:
            raise UsageError(
                "The gradient penalty is one of E[x|z], and this decoder has no mean in closed "
                "form.",
                where="--objective.smooth, --likelihood",
                how="Use --objective.l2 instead, or another likelihood.",
            )

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with what the decoder costs as the penalty."""
        terms = super().terms(model, x, given=given)
        penalty = torch.zeros(len(x), device=x.device)
        if self.l2:
            weights = model.likelihood.decoder.parameters()
            penalty = penalty + self.l2 * sum(w.square().sum() for w in weights)
        if self.smooth and terms.z is not None:
            penalty = penalty + self.smooth * _steepness(model, terms.z)
        return terms._replace(penalty=penalty)

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return reconstruction less the prices, (B,) nats."""
        found = terms.reconstruction - self.beta * terms.regularization
        return found if terms.penalty is None else found - terms.penalty


def _steepness(model: LatentVariableModel, z: Tensor) -> Tensor:
    """Return the squared gradient in z of the sum of E[x|z], (B,)."""
    with torch.enable_grad():
        z = z.detach()[0].requires_grad_()
        total = model.likelihood(z).mean.sum()
        (slope,) = torch.autograd.grad(total, z, create_graph=True)
    return slope.square().sum(-1)
