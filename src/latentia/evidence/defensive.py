"""Importance sampling from a mixture that covers what the inference network misses."""

from __future__ import annotations

from math import inf, log
from typing import final

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.errors import UsageError
from latentia.evidence._weights import rungs
from latentia.evidence.base import (
    Evidence,
    EvidenceEstimator,
    require_count,
    require_density,
)
from latentia.evidence.importance import weigh
from latentia.model import LatentVariableModel

__all__ = ["DefensiveSampling"]

# Of ten samples: from q, from q made wider, from the prior; and whose turn it is.
_SHARES = (5, 3, 2)
_ORDER = (0, 1, 0, 2, 0, 1, 0, 2, 0, 1)


@final
class DefensiveSampling(EvidenceEstimator):
    r"""Estimates log p(x) by K samples of q(z|x) widened and mixed with the prior.

    .. math:: m(z) = 0.5\, q(z|x) + 0.3\, N(z; \mu_q, (w \sigma_q)^2) + 0.2\, p(z), \quad
        \log \hat p(x) = \log \frac{1}{K} \sum_k \frac{p(x|z_k)\, p(z_k)}{m(z_k)}

    An encoder trained by the ELBO is narrower than p(z|x) and sits on one mode of it. Its own
    samples then never see what they miss, and their error does not tell. The mixture does at a
    cost of at most a factor of 2 in samples, for no weight exceeds twice that of q alone.
    The K samples are split among the three exactly, which keeps p-hat unbiased.

    Arguments:
        samples: K, draws of z for each example; a multiple of ten.
        width: w, how many times wider than q the second part is.

    References:
        Hesterberg, "Weighted average importance sampling and defensive mixture distributions",
        1995; Owen and Zhou, "Safe and effective importance sampling", 2000.

    Example:
        >>> DefensiveSampling(samples=1000).rungs
        (1000,)
    """

    def __init__(self, *, samples: int = 1000, width: float = 3.0) -> None:
        self.samples = require_count("samples", samples, least=10)
        if samples % 10 or not 1 <= width < inf:
            raise UsageError(
                f"Defensive sampling cannot have samples={samples}, width={width}.",
                where="--evidence.samples, --evidence.width",
                how="Use a multiple of ten samples, and a width of at least 1.",
            )
        self.width = width
        self.rungs = rungs(samples)[-1:]

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a posterior whose log q is unknown of draws of the other parts."""
        super().require(model)
        require_density(model, "--evidence defensive")

    @torch.no_grad()
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p-hat of x (B, *x_shape), the same x for all K."""
        self.require(model)
        with model.evaluating():
            q = model.posterior(x)
            wide = Independent(Normal(q.mean, self.width * q.stddev, validate_args=False), 1)
            prior = model.prior()
            if prior.batch_shape:  # under one condition for all of them
                prior = prior.expand(q.batch_shape)
            mixture = _Mixture(q, wide, prior)
            return weigh(model, x, self.samples, mixture.propose)


class _Mixture:
    """q(z|x), q widened and the prior, of which every part is drawn its exact share."""

    def __init__(self, q: Distribution, wide: Distribution, prior: Distribution) -> None:
        self._parts = (q, wide, prior)
        whole = q.batch_shape[len(prior.batch_shape) :]  # of a prior given c there is one for each
        self._shapes = (q.batch_shape * 0, q.batch_shape * 0, whole)
        self._drawn = 0

    def propose(self, count: int) -> tuple[Tensor, Tensor]:
        """Return the next samples (count, B, L) and their log-density under the mixture."""
        turns = [_ORDER[(self._drawn + i) % len(_ORDER)] for i in range(count)]
        self._drawn += count
        z = torch.cat(
            [
                part.sample(torch.Size([turns.count(i)]) + shape)
                for i, (part, shape) in enumerate(zip(self._parts, self._shapes, strict=True))
            ]
        )
        total = sum(_SHARES)
        each = [
            part.log_prob(z).double() + log(share / total)
            for part, share in zip(self._parts, _SHARES, strict=True)
        ]
        return z, torch.stack(each).logsumexp(0)
