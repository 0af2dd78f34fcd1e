"""What K samples of the prior would say, for a K that nobody can draw."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution, Independent, Normal

from latentia.evidence.base import log_joint
from latentia.model import LatentVariableModel

__all__ = ["Atoms", "atoms"]

# Between prior and q: proposals q^t p^(1-t), denser near the prior, where they change most.
_PATH = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)
# Draws of every proposal for each example.
_DRAWS = 400
# Samples of z decoded at once.
_PART = 64


class Atoms(NamedTuple):
    r"""The prior as N weighted points for each of B examples, as fine where x puts its weight.

    K samples of the prior fall on a small piece of the latent space as a Poisson number with mean
    K times the piece's probability (but for their sum, K). So with N_i ~ Poisson(K a_i)

    .. math:: \hat p_K(x) = \frac{1}{K} \sum_i N_i\, p(x|z_i)

    is distributed like naive Monte Carlo with K samples, whatever K.

    Arguments:
        log_prior: log a_i, the prior probability that atom i stands for, (N, B).
        log_px_z: log p(x|z_i), (N, B).
    """

    log_prior: Tensor
    log_px_z: Tensor

    def naive(self, count: float, repeats: int) -> Tensor:
        """Return the mean of log p-hat from so many samples of the prior, (B,) nats.

        The Poisson numbers come from torch's global generator.
        """
        mean = torch.exp(self.log_prior + log(count))
        total = torch.zeros_like(mean[0])
        for _ in range(repeats):
            hits = torch.poisson(mean)
            total += (hits.log() + self.log_px_z).logsumexp(0)
        return total / repeats - log(count)

    @property
    def divergence(self) -> Tensor:
        """KL(p(z|x) || p(z)) in nats, (B,): naive sampling needs about its exponential."""
        log_weight = self.log_prior + self.log_px_z
        return (log_weight.softmax(0) * self.log_px_z).sum(0) - log_weight.logsumexp(0)


@torch.no_grad()
def atoms(model: LatentVariableModel, x: Tensor) -> Atoms:
    """Return the prior's atoms for x (B, *x_shape), from proposals between the prior and q(z|x).

    The draws come from torch's global generator.
    """
    with model.evaluating():
        prior = model.prior()
        proposals = [_between(prior, model.posterior(x), t) for t in _PATH]
        z = torch.cat([proposal.sample(torch.Size([_DRAWS])) for proposal in proposals])
        each = torch.stack([proposal.log_prob(z).double() for proposal in proposals])
        log_mixture = each.logsumexp(0) - log(len(proposals))
        log_prior: Tensor = prior.log_prob(z).double()
        joint = torch.cat([log_joint(model, x, part) for part in z.split(_PART)])  # type: ignore[no-untyped-call]
    return Atoms(log_prior - log_mixture - log(len(z)), joint - log_prior)


def _between(p: Distribution, q: Distribution, t: float) -> Distribution:
    """Return the Gaussian proportional to q^t p^(1-t), batch (B,)."""
    precision = (1 - t) / p.variance + t / q.variance
    loc = ((1 - t) * p.mean / p.variance + t * q.mean / q.variance) / precision
    return Independent(Normal(loc, precision.rsqrt(), validate_args=False), 1)
