"""The closed form against scipy, and what is not linear-Gaussian refused."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from latentia.errors import UsageError
from latentia.evidence.exact import Exact, linear_gaussian


def dense(model):
    """Return N(b, W W^T + diag s^2) of a model as scipy has it, read off its parameters."""
    likelihood = model.likelihood
    weight = likelihood.decoder[0].weight.detach().double()
    scale = likelihood.scale.double()
    loc = likelihood.shift.double() + scale * likelihood.bias.detach().double()[0]
    s = scale * likelihood.log_sigma.detach().double().exp()
    weight = scale[:, None] * weight
    covariance = weight @ weight.T + s.expand_as(scale).square().diag()
    return stats.multivariate_normal(loc.numpy(), covariance.numpy())


@pytest.mark.parametrize("sigma", ["fixed", "learned", "optimal"])
def test_it_is_the_density_of_scipy_in_the_units_of_the_data(model_of, sigma):
    model = model_of(5, 3, spread=0.7, likelihood={"name": "gaussian", "sigma": sigma})
    model.likelihood.standardize(torch.randn(5).double(), torch.rand(5).double() + 0.2)
    model.likelihood.log_sigma.data += 0.3
    exact = dense(model)
    x = torch.as_tensor(exact.rvs(20, random_state=0))
    found = Exact()(model, x)
    np.testing.assert_allclose(found.log_likelihood.numpy(), exact.logpdf(x.numpy()), rtol=1e-11)
    assert (found.error == 0).all()


def test_missing_cells_of_any_pattern_are_marginalized(small):
    exact = dense(small)
    x = torch.as_tensor(exact.rvs(16, random_state=0))
    for row in range(16):
        for cell in range(4):
            if row >> cell & 1:
                x[row, cell] = torch.nan
    found = Exact()(small, x).log_likelihood
    for row in range(15):
        kept = [cell for cell in range(4) if not row >> cell & 1]
        part = stats.multivariate_normal(exact.mean[kept], exact.cov[kept][:, kept])
        assert found[row].item() == pytest.approx(part.logpdf(x[row, kept].numpy()), rel=1e-10)
    assert found[15] == 0  # nothing was seen, and nothing is certain


def test_single_precision_is_asked_in_double(model_of):
    """Around 10^4 a float32 knows two digits after the point; sigma is 0.01."""
    model = model_of(5, 2, spread=0.5, likelihood={"name": "gaussian", "sigma": "fixed"}).float()
    model.likelihood.standardize(torch.full((5,), 1e4), torch.ones(5))
    model.likelihood.log_sigma.fill_(math.log(0.01))
    exact = dense(model)
    x = torch.as_tensor(exact.rvs(10, random_state=0)).float()
    found = Exact()(model, x).log_likelihood
    np.testing.assert_allclose(found.numpy(), exact.logpdf(x.double().numpy()), atol=1e-4)
    assert next(model.parameters()).dtype == torch.float32


def test_pictures_are_flattened(small):
    from latentia import room
    from latentia.model import LatentVariableModel

    offer = {"network": room.build("network", "linear"), "x_shape": (1, 2, 3), "latent_dim": 2}
    rooms = [("posterior", "gaussian"), ("prior", "standard-normal"), ("likelihood", "gaussian")]
    model = LatentVariableModel(*(room.build(*each, **offer) for each in rooms))
    known = linear_gaussian(model)
    x = torch.randn(3, 1, 2, 3)
    covariance = known.weight @ known.weight.T + known.variance.diag()
    expected = stats.multivariate_normal(known.bias, covariance).logpdf(x.flatten(1))
    np.testing.assert_allclose(Exact()(model, x).log_likelihood.numpy(), expected)
    assert known.posterior(x).mean.shape == (3, 2)


def test_a_prior_that_is_not_standard_is_taken_in(small, monkeypatch):
    loc, scale = torch.tensor([1.0, -2.0]).double(), torch.tensor([0.5, 3.0]).double()
    prior = torch.distributions.Independent(torch.distributions.Normal(loc, scale), 1)
    weight = small.likelihood.decoder[0].weight.detach()
    moved = small.likelihood.bias.detach()[0] + weight @ loc
    covariance = weight @ scale.square().diag() @ weight.T + 0.64 * torch.eye(4)
    monkeypatch.setattr(small.prior, "forward", lambda c=None: prior)
    x = torch.randn(6, 4).double()
    expected = stats.multivariate_normal(moved, covariance).logpdf(x)
    np.testing.assert_allclose(Exact()(small, x).log_likelihood.numpy(), expected)


def test_the_posterior_is_the_joint_divided_by_the_evidence(small):
    x, z = torch.randn(6, 4).double(), torch.randn(6, 2).double()
    joint = small.log_likelihood(x, z[None])[0] + small.prior().log_prob(z)
    expected = joint - Exact()(small, x).log_likelihood
    torch.testing.assert_close(linear_gaussian(small).posterior(x).log_prob(z), expected)


def refused(model, reason):
    with pytest.raises(UsageError, match=reason) as caught:
        Exact().require(model)
    assert "--network linear" in str(caught.value)
    with pytest.raises(UsageError, match=reason):
        Exact()(model, torch.zeros(2, 4).double())


def test_what_is_not_linear_gaussian_is_refused(model_of):
    mlp = {"name": "mlp", "hidden": (8,)}
    refused(model_of(4, 2, spread=0.5, network=mlp, likelihood="gaussian"), "not affine")
    refused(model_of(4, 2, spread=0.5, prior="mixture", likelihood="gaussian"), "prior")
    refused(model_of(4, 2, spread=0.5), "likelihood is not Gaussian")


@pytest.mark.parametrize("size", [1e-3, 1e-7, 1e-12])
def test_a_crooked_decoder_is_found_in_whatever_units(model_of, size):
    """A column of tiny numbers bends by little, which is a lot beside its sigma."""
    mlp = {"name": "mlp", "hidden": (8,)}
    model = model_of(4, 2, spread=0.5, network=mlp, likelihood="gaussian")
    model.likelihood.standardize(torch.zeros(4), torch.full((4,), size))
    refused(model, "not affine")


def test_a_kink_far_out_is_found(small):
    class Kinked(nn.Linear):
        def forward(self, z):
            return super().forward(z + 0.1 * (z - 3).clamp_min(0))[:, None]

    decoder = Kinked(2, 4, bias=False).double()
    small.likelihood.decoder = decoder
    refused(small, "not affine")


def test_a_sigma_that_depends_on_z_is_refused(small, monkeypatch):
    def forward(z, c, original):
        p = original(z)
        p.base_dist.scale = p.base_dist.scale * (1 + 0.01 * z[..., :1].tanh())
        return p

    forward_of = type(small.likelihood).forward
    monkeypatch.setattr(
        type(small.likelihood),
        "forward",
        lambda self, z, c=None: forward(z, c, lambda z: forward_of(self, z)),
    )
    refused(small, "sigma")


def test_a_model_of_nans_is_refused(small):
    with torch.no_grad():
        small.likelihood.decoder[0].weight.fill_(torch.nan)
    refused(small, "not affine")
