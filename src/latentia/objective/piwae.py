"""One importance-weighted bound for the decoder, and a looser one for the encoder."""

from __future__ import annotations

from math import inf, log
from typing import final

import torch
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective, require_samples, with_gradient_of
from latentia.posterior.base import Refined

__all__ = ["PIWAE"]

# Decoder's shares are kept above this, so that the encoder's share of them is a number.
_LEAST = 1e-18


@final
class PIWAE(Objective):
    r"""The decoder climbs the bound of all M K samples, the encoder the mean of M bounds of K.

    .. math:: \nabla_\theta \log \frac{1}{MK} \sum_{mk} w_{mk}, \qquad
        \nabla_\phi \frac{1}{M} \sum_m \log \frac{1}{K} \sum_k w_{mk}

    A tight bound is good for the decoder and leaves the encoder without a signal. Both gradients
    are taken from the same samples in one pass. Its value is the decoder's bound.

    Arguments:
        samples: K, draws of z in each of the encoder's groups.
        groups: M, the groups.

    References:
        Rainforth et al., "Tighter variational bounds are not necessarily better", 2018.

    Example:
        >>> PIWAE(samples=8, groups=8).samples
        64
    """

    def __init__(self, *, samples: int = 8, groups: int = 8) -> None:
        self.groups = require_samples("groups", groups)
        self.samples = require_samples("samples", samples) * groups

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a posterior that the decoder has a part in."""
        super().require(model)
        if isinstance(model.posterior, Refined):
            raise UsageError(
                "This objective has a bound for the encoder and one for the decoder, and this "
                "posterior is moved by both.",
                where="--objective piwae, --posterior",
                how="Use --objective elbo or iwae, or --posterior gaussian.",
            )

    @property
    def compiles(self) -> bool:
        """No: a gradient is weighted on its way."""
        return False

    def terms(
        self, model: LatentVariableModel, x: Tensor, *, given: Tensor | None = None
    ) -> Terms:
        """Return the terms, with log p(x, z) weighted for the encoder on its way through z."""
        q = model.posterior(x if given is None else given, None)
        z = q.rsample(torch.Size([self.samples]))
        # The same numbers at another place of the graph: what comes back here is log p's alone.
        decoded = z.view_as(z)
        terms = model.terms(x, decoded, q)._replace(log_qz_x=q.log_prob(z))
        if decoded.requires_grad:
            decoder, encoder = self._shares(terms.log_w.detach())
            ratio = (encoder / decoder)[..., None]
            decoded.register_hook(lambda slope: ratio * slope)
        return terms

    def __call__(self, terms: Terms, epoch: float | Tensor = inf) -> Tensor:
        """Return the bound of all samples, (B,) nats, with a gradient for each side."""
        log_w = terms.log_w
        bound = log_w.logsumexp(0) - log(len(log_w))
        decoder, encoder = self._shares(log_w.detach())
        joint = terms.log_px_z + terms.log_pz
        return with_gradient_of(bound, (decoder * joint - encoder * terms.log_qz_x).sum(0))

    def _shares(self, log_w: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weights of the samples in the two gradients, each (K, B) with sum 1."""
        groups = log_w.reshape(min(self.groups, len(log_w)), -1, log_w.shape[1])
        encoder = groups.softmax(1).flatten(0, 1) / len(groups)
        return log_w.softmax(0).clamp_min(_LEAST), encoder
