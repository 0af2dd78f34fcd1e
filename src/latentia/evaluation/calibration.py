"""Simulation-based calibration: whether q(z|x) is the posterior of the model's own data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.rng import seeded

__all__ = ["Calibration", "calibrate"]

# Bins of the rank histogram: every one expects enough ranks for the chi-square distribution.
_BINS = 10
_ROWS = 500


class Calibration(NamedTuple):
    """Ranks of the latents that made an x among draws of q(z|x).

    Arguments:
        ranks: (n, L), 0 to `draws`; uniform if q is the posterior.
        draws: Draws of q for each x.
    """

    ranks: Tensor
    draws: int

    @property
    def p_values(self) -> list[float]:
        """The probability, for each latent, of ranks as uneven as these if q is the posterior."""
        edges = np.arange(_BINS + 1) * (self.draws + 1) // _BINS
        expected = np.diff(edges) / (self.draws + 1) * len(self.ranks)
        found = []
        for ranks in self.ranks.T:
            counts, _ = np.histogram(ranks.numpy(), edges - 0.5)
            found.append(float(stats.chisquare(counts, expected).pvalue))
        return found

    @property
    def spread(self) -> list[float]:
        """Variance of each latent's ranks over that of a uniform: above 1, q is too narrow."""
        uniform = self.draws * (self.draws + 2) / 12
        return (self.ranks.double().var(0, correction=0) / uniform).tolist()


@torch.no_grad()
def calibrate(
    model: LatentVariableModel, n: int = 1000, *, draws: int = 99, seed: int = 0
) -> Calibration:
    r"""Rank the latents that made x among draws of q(z|x), for n simulated x.

    .. math:: z^* \sim p(z), \quad x \sim p(x|z^*), \quad z_1, \dots, z_S \sim q(z|x), \quad
        r_d = \#\{s: z_{sd} < z^*_d\}

    The z* is an exact sample of p(z|x), so if q is the posterior, r is uniform on 0, ..., S. Ranks
    that crowd at both ends say that q is too narrow; in the middle, too wide; at one, off.

    Arguments:
        model: A model with a proper prior.
        n: Simulated examples.
        draws: S; a multiple of ten less one lets all bins be equal.
        seed: Seed of everything drawn.

    Returns:
        `Calibration`.

    Raises:
        UsageError: if the prior cannot be sampled, or there is nothing to rank.

    References:
        Talts et al., "Validating Bayesian inference algorithms with simulation-based
        calibration", 2018.
    """
    if not model.prior.is_proper or n < 1 or draws < _BINS - 1:
        raise UsageError(
            f"Nothing can be simulated or ranked with n={n}, draws={draws}, or without a prior.",
            how=f"Use a VAE, one example or more, and {_BINS - 1} draws or more.",
        )
    if model.prior.space != "real":
        raise UsageError(
            "Only numbers can be ranked, and these latents are none.",
            how="Use a model whose latents are real numbers.",
        )
    ranks = []
    with model.evaluating():
        for start in range(0, n, _ROWS):
            with seeded(seed, 6, start):
                z = model.draw_prior(min(_ROWS, n - start))
                x = model.likelihood(z).sample()
                drawn = model.posterior(x).sample(torch.Size([draws]))
            ranks.append((drawn < z).sum(0).cpu())
    return Calibration(torch.cat(ranks), draws)
