"""Importance sampling from the inference network."""

from __future__ import annotations

from math import log
from typing import NamedTuple

import torch
from torch import Tensor

from latentia.model import LatentVariableModel

__all__ = ["Evidence", "importance_sampling"]

# Numbers of x decoded at once: 1024 images of 28x28, enough to fill the matrix products and few
# enough to stay near the cache.
_NUMBERS = 1024 * 784


class Evidence(NamedTuple):
    """Estimates for each of B examples.

    Arguments:
        log_likelihood: log p(x) in nats, (B,), float64.
        variance: Variance of each estimate by the delta method, (B,), squared nats.
        effective_samples: Effective sample size of the weights, (B,), between 1 and K.
    """

    log_likelihood: Tensor
    variance: Tensor
    effective_samples: Tensor


@torch.no_grad()
def importance_sampling(model: LatentVariableModel, x: Tensor, samples: int) -> Evidence:
    r"""Estimate log p(x) by K samples of q(z|x).

    .. math:: \log \hat p(x) = \log \frac{1}{K} \sum_k
        \frac{p(x|z_k)\, p(z_k)}{q(z_k|x)}, \quad z_k \sim q(z|x)

    p-hat is unbiased, so its logarithm is below log p(x) on average, by about
    (1/ESS - 1/K) / 2 nats. The sum streams over K in float64: memory does not grow with K.

    Arguments:
        model: A model whose ELBO bounds log p(x).
        x: Examples, (B, *x_shape): one binarization, the same for all K.
        samples: K.

    Returns:
        `Evidence`, each (B,).

    References:
        Rezende, Mohamed and Wierstra, 2014, appendix E; Burda et al., 2016.
    """
    with model.evaluating():
        peak, total, square = _weigh(model, x, samples)
    effective = total**2 / square
    variance = (1 / effective - 1 / samples).clamp_min(0)
    return Evidence(peak + total.log() - log(samples), variance, effective)


def _weigh(model: LatentVariableModel, x: Tensor, samples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the largest log weight, and the sums of w and w^2 relative to it, each (B,)."""
    q, prior = model.posterior(x), model.prior()
    chunk = max(1, _NUMBERS // x.numel())
    peak = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=x.device)
    total, square = torch.zeros_like(peak), torch.zeros_like(peak)
    for start in range(0, samples, chunk):
        z = q.sample(torch.Size([min(chunk, samples - start)]))
        log_px_z = model.log_likelihood(x, z).double()
        log_w = log_px_z + prior.log_prob(z).double() - q.log_prob(z).double()
        higher = torch.maximum(peak, log_w.amax(0))
        shrink = torch.exp(peak - higher)
        weight = torch.exp(log_w - higher)
        total = total * shrink + weight.sum(0)
        square = square * shrink**2 + weight.square().sum(0)
        peak = higher
    return peak, total, square
