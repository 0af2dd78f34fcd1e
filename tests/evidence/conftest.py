"""Models whose log p(x) and p(z|x) are known: linear-Gaussian ones, and one of two modes."""

import math

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from latentia.evidence.exact import linear_gaussian


class Square(nn.Module):
    """A decoder whose mean is z^2: it cannot tell z from -z, and every posterior has two modes."""

    def forward(self, z):
        return z.square()[:, None]


@pytest.fixture
def small(linear_gaussian_of):
    """Return a linear-Gaussian model of four numbers and two latents."""
    torch.manual_seed(0)
    return linear_gaussian_of(torch.randn(4, 2).double(), torch.randn(4).double(), 0.8)


@pytest.fixture
def two_modes(model_of):
    """Return a function from s to x ~ N(z^2, s^2) with a q that knows the positive mode alone."""

    def build(s, latent_dim=1):
        fixed = {"name": "gaussian", "sigma": "fixed"}
        model = model_of(latent_dim, latent_dim, likelihood=fixed)
        model.likelihood.decoder = Square()
        with torch.no_grad():
            model.likelihood.bias.zero_()
            model.likelihood.log_sigma.fill_(math.log(s))
            head = model.posterior.head  # about x = 4: a mode at z = 2 of width s / 2z
            head.weight.zero_()
            head.bias[:latent_dim] = 2.0
            head.bias[latent_dim:] = math.log(s / 4)
        return model

    return build


@pytest.fixture
def simulated():
    """Return a function that draws z and x from a linear-Gaussian model, with log p(x)."""

    def draw(model, n):
        z = model.prior().sample((n,))
        x = model.likelihood(z).sample()
        known = linear_gaussian(model)
        covariance = known.weight @ known.weight.T + known.variance.diag()
        return z, x, MultivariateNormal(known.bias, covariance).log_prob(x)

    return draw
