"""Naive Monte Carlo: log p(x) from samples of the prior."""

from __future__ import annotations

from typing import ClassVar, final

import torch
from torch import Tensor

from latentia.evidence._weights import rungs
from latentia.evidence.base import Evidence, EvidenceEstimator, require_count
from latentia.evidence.importance import weigh
from latentia.model import LatentVariableModel

__all__ = ["NaiveMonteCarlo"]


@final
class NaiveMonteCarlo(EvidenceEstimator):
    r"""Estimates log p(x) by K samples of the prior, which knows nothing of x.

    .. math:: \log \hat p(x) = \log \frac{1}{K} \sum_k p(x|z_k), \quad z_k \sim p(z)

    Kept because it is the obvious idea, and to see why it fails: hardly a z of the prior explains
    this x, so the effective sample size stays near 1 and the estimate far below log p(x).

    Arguments:
        samples: K, draws of z for each example.

    References:
        Doersch, "Tutorial on variational autoencoders", 2016, section 2.

    Example:
        >>> NaiveMonteCarlo(samples=10).samples
        10
    """

    any_latents: ClassVar[bool] = True

    def __init__(self, *, samples: int = 1000) -> None:
        self.samples = require_count("samples", samples)
        self.rungs = rungs(samples)

    @torch.no_grad()
    def __call__(self, model: LatentVariableModel, x: Tensor) -> Evidence:
        """Return log p-hat of x (B, *x_shape), from other draws for every x."""
        self.require(model)

        def propose(count: int) -> tuple[Tensor, Tensor]:
            shape = [count] if prior.batch_shape else [count, len(x)]
            z = prior.sample(torch.Size(shape))
            return z, prior.log_prob(z)

        with model.evaluating():
            prior = model.prior()
            if prior.batch_shape:  # under one condition for all of them
                prior = prior.expand([len(x)])
            return weigh(model, x, self.samples, propose, self.rungs[:-1])
