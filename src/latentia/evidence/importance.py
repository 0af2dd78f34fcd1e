"""Importance sampling from the inference network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, final

import torch
from torch import Tensor
from torch.distributions import Distribution

from latentia.errors import UsageError
from latentia.evidence._weights import Weights, rungs
from latentia.evidence.base import Evidence, EvidenceEstimator, log_joint, require_count
from latentia.model import LatentVariableModel

__all__ = ["ImportanceSampling", "chunks", "weigh"]

# Numbers of x decoded at once: 4096 images of 28x28, enough to fill the matrix products and few
# enough for any memory.
_NUMBERS = 4096 * 784
_TOGETHER = 4096
# A GPU is only filled by more.
_TIMES_THERE = 16


@final
class ImportanceSampling(EvidenceEstimator):
    r"""Estimates log p(x) by K samples of q(z|x): the importance-weighted bound.

    .. math:: \log \hat p(x) = \log \frac{1}{K} \sum_k
        \frac{p(x|z_k)\, p(z_k)}{q(z_k|x)}, \quad z_k \sim q(z|x)

    p-hat is unbiased, so its logarithm is below log p(x) on average, by about
    (1/ESS - 1/K) / 2 nats; where q misses a mode of p(z|x), by more than it can tell.

    Arguments:
        samples: K, draws of z for each example.

    References:
        Rezende, Mohamed and Wierstra, 2014, appendix E; Burda et al., 2016.

    Example:
        >>> ImportanceSampling(samples=5000).rungs
        (1, 10, 100, 1000, 5000)
    """

    any_latents: ClassVar[bool] = True

    def __init__(self, *, samples: int = 1000) -> None:
        self.samples = require_count("samples", samples)
        self.rungs = rungs(samples)
        # With few samples for each, products are filled by more examples.
        self.rows = max(type(self).rows, _TOGETHER // samples)

    def require(self, model: LatentVariableModel) -> None:
        """Refuse a posterior that gives all but one z the probability 0."""
        super().require(model)
        if not model.posterior.covers:
            raise UsageError(
                "q(z|x) of this model is a single code. All importance weights are the same one, "
                "and their mean is no estimate of p(x), to which every code adds.",
                where="--importance, --evidence importance",
                how="The ELBO is a bound; --evidence enumeration is exact where there are few "
                "codes, --evidence naive unbiased.",
            )

    @torch.no_grad()
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p-hat of x (B, *x_shape), the same x for all K."""
        self.require(model)
        with model.evaluating():
            q = model.posterior(x)
            return weigh(model, x, self.samples, lambda c: _draw(q, c), self.rungs[:-1])


def weigh(
    model: LatentVariableModel,
    x: Tensor,
    samples: int,
    propose: Callable[[int], tuple[Tensor, Tensor]],
    ladder: tuple[int, ...] = (),
) -> Evidence:
    """Weigh K samples of any proposal.

    Arguments:
        model: The model.
        x: Examples, (B, *x_shape).
        samples: K.
        propose: From c to z (c, B, L) and its log-density (c, B), c samples at a time.
        ladder: The k of the rungs below K.
    """
    weights = Weights(ladder)
    for count in chunks(samples, x):
        z, log_density = propose(count)
        weights.add(log_joint(model, x, z) - log_density.double())
    return weights.evidence()


def chunks(samples: int, x: Tensor) -> Iterator[int]:
    """Yield how many of K samples to decode at once for a batch x, until all are."""
    size = max(1, _NUMBERS * (_TIMES_THERE if x.is_cuda else 1) // x.numel())
    for start in range(0, samples, size):
        yield min(size, samples - start)


def _draw(q: Distribution, count: int) -> tuple[Tensor, Tensor]:
    size = torch.Size([count])
    # The same numbers from fewer passes.
    z = q.rsample(size) if q.has_rsample else q.sample(size)
    return z, q.log_prob(z)
