"""One example under a small decoder, with a q of free parameters for each of N rows.

The gradient of each row is then one independent draw of a gradient estimator, and its expectation
is known by Gauss-Hermite quadrature over the noise.
"""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import Independent, Normal

from latentia import room
from latentia.model import LatentVariableModel
from latentia.posterior.base import Posterior


class Free(Posterior):
    def __init__(self, loc, log_scale, n):
        super().__init__()
        self.loc = nn.Parameter(torch.full((n, 1), loc, dtype=torch.float64))
        self.log_scale = nn.Parameter(torch.full((n, 1), log_scale, dtype=torch.float64))

    def forward(self, x, c=None):
        return Independent(Normal(self.loc, self.log_scale.exp()), 1)


def bernoulli():
    """Return a decoder of six pixels with a hidden layer."""
    torch.manual_seed(3)
    network = room.build("network", {"name": "mlp", "hidden": (5,), "activation": "tanh"})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 1}
    likelihood = room.build("likelihood", "bernoulli", **offer).double()
    with torch.no_grad():
        for parameter in likelihood.parameters():
            parameter.normal_(std=1.5)
    return likelihood


def build_toy(loc=0.4, log_scale=-0.7, likelihood=None, x=None):
    """Return a decoder, an x, and functions of q: the bound, its slope, draws of its gradient."""
    likelihood = bernoulli() if likelihood is None else likelihood
    prior = room.build("prior", "standard-normal", latent_dim=1).double()
    x = torch.tensor([[1, 0, 1, 1, 0, 0]], dtype=torch.float64) if x is None else x

    def rows(n, loc=loc, log_scale=log_scale):
        return LatentVariableModel(Free(loc, log_scale, n), prior, likelihood), x.expand(n, -1)

    def bound(loc, log_scale, samples):
        """Return E[log mean w] of K samples, by a product rule of K dimensions."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(60 if samples == 1 else 40)
        eps = torch.cartesian_prod(*[torch.tensor(nodes)] * samples).reshape(-1, samples)
        mass = torch.cartesian_prod(*[torch.tensor(weights / weights.sum())] * samples)
        mass = mass.reshape(-1, samples).prod(1)
        z = (loc + np.exp(log_scale) * eps)[..., None]
        q = Normal(torch.tensor(loc).double(), torch.tensor(np.exp(log_scale)).double())
        with torch.no_grad():
            log_px_z = likelihood(z).log_prob(x)
            log_w = log_px_z + prior().log_prob(z) - q.log_prob(z[..., 0])
        return float((mass * (log_w.logsumexp(1) - np.log(samples))).sum())

    def slope(samples, step=1e-4):
        """Return the gradient of the bound in loc and log_scale by finite differences."""
        ups = [(loc + step, log_scale), (loc, log_scale + step)]
        downs = [(loc - step, log_scale), (loc, log_scale - step)]
        return [
            (bound(*up, samples) - bound(*down, samples)) / (2 * step)
            for up, down in zip(ups, downs, strict=True)
        ]

    def draws(objective, n=40_000, **q):
        """Return n independent draws of the gradient in loc and log_scale, (n, 2)."""
        model, many = rows(n, **q)
        torch.manual_seed(0)
        nats = objective(objective.terms(model, many))
        found = torch.autograd.grad(nats.sum(), list(model.posterior.parameters()))
        return torch.cat(found, 1)

    return SimpleNamespace(
        likelihood=likelihood, prior=prior, x=x, rows=rows, bound=bound, slope=slope, draws=draws
    )


@pytest.fixture(scope="session")
def toy():
    return build_toy()
