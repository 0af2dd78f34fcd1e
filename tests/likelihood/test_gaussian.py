"""The Gaussian decoder: its sigmas, and the units of the data."""

import math

import pytest
import torch

from latentia.errors import UsageError
from latentia.likelihood.gaussian import Gaussian
from latentia.network.linear import Linear


def make(sigma="optimal", value=1.0, dims=3):
    torch.manual_seed(0)
    return Gaussian(Linear(), (dims,), 2, sigma=sigma, value=value)


def data(n=500):
    torch.manual_seed(1)
    return torch.randn(n, 3) * torch.tensor([0.2, 0.4, 0.8]) + torch.tensor([2.0, -1.0, 0.0])


@pytest.mark.parametrize("sigma", ["optimal", "learned"])
def test_it_starts_at_the_best_constant_gaussian(sigma):
    x = data()
    mean, std = x.mean(0), x.std(0, correction=0)
    likelihood = make(sigma)
    likelihood.initialise(mean, std)
    best = std if sigma == "learned" else std.square().mean().sqrt().expand(3)
    entropy = (0.5 * math.log(2 * math.pi * math.e) + best.log()).sum()
    start = likelihood(torch.zeros(500, 2)).log_prob(x).mean()
    torch.testing.assert_close(start, -entropy, rtol=0, atol=1e-4)


def test_densities_are_in_the_units_of_the_data_whatever_the_decoder_works_in():
    """log p(a x) = log p(x) - D log a: a standardized decoder pays the Jacobian."""
    x, scale = data(), 1000.0
    values = []
    for factor in (1.0, scale):
        likelihood, given = make("learned"), factor * x
        mean, std = given.mean(0), given.std(0)
        likelihood.standardize(mean, std)
        likelihood.initialise(mean, std)
        values.append(likelihood(torch.ones(500, 2)).log_prob(given).mean())
    torch.testing.assert_close(values[1], values[0] - 3 * math.log(scale), rtol=0, atol=1e-3)


def test_the_optimal_sigma_is_no_worse_than_any_other():
    x, likelihood = data(), make("optimal")
    p = likelihood(torch.zeros(2, 500, 2))
    adapted = likelihood.adapt(p, x)
    best = adapted.log_prob(x).mean()
    torch.testing.assert_close(
        adapted.base_dist.scale.unique(), (x - p.mean).square().mean().sqrt()[None]
    )
    for factor in (0.9, 0.99, 1.01, 1.1):
        other = likelihood._normal(p.mean, factor * adapted.base_dist.scale)
        assert other.log_prob(x).mean() < best


def test_the_optimal_sigma_gives_the_gradient_of_the_maximized_likelihood():
    """The envelope theorem: -D/2 of the gradient of log mean squared error."""
    x, likelihood = data(), make("optimal")
    z = torch.randn(500, 2)
    adapted = likelihood.adapt(likelihood(z), x).log_prob(x).mean()
    (found,) = torch.autograd.grad(adapted, likelihood.bias)
    error = (x - likelihood(z).mean).square().mean()
    (exact,) = torch.autograd.grad(-1.5 * error.log(), likelihood.bias)
    torch.testing.assert_close(found, exact, rtol=1e-4, atol=1e-5)


def test_evaluation_uses_the_running_sigma_of_training():
    x, likelihood = data(), make("optimal")
    z = torch.zeros(500, 2)
    for _ in range(400):
        adapted = likelihood.adapt(likelihood(z), x)
    torch.testing.assert_close(
        likelihood(z).base_dist.scale, adapted.base_dist.scale, rtol=1e-2, atol=0
    )


def test_missing_cells_have_no_say_in_the_optimal_sigma():
    x, likelihood = data(), make("optimal")
    x[::2, 0] = torch.nan
    adapted = likelihood.adapt(likelihood(torch.zeros(500, 2)), x)
    residual = (x - likelihood.bias[0].detach())[~x.isnan()]
    torch.testing.assert_close(adapted.base_dist.scale[0, 0], residual.square().mean().sqrt())


def test_a_batch_without_an_observed_cell_leaves_the_running_sigma_alone():
    likelihood = make("optimal", value=0.5)
    p = likelihood(torch.zeros(4, 2))
    likelihood.adapt(p, torch.full((4, 3), torch.nan))
    torch.testing.assert_close(likelihood.log_sigma.exp(), torch.tensor([0.5]))


@pytest.mark.parametrize("sigma", ["optimal", "learned"])
def test_a_column_that_never_changes_gives_a_finite_density(sigma):
    likelihood, x = make(sigma), torch.full((20, 3), 2.0)
    likelihood.standardize(x.mean(0), torch.full((3,), 1e-6))
    likelihood.initialise(x.mean(0), torch.zeros(3))
    z = torch.zeros(20, 2)
    for _ in range(2):
        assert likelihood.adapt(likelihood(z), x).log_prob(x).isfinite().all()
    assert likelihood(z).log_prob(x).isfinite().all()


def test_no_sigma_is_small_enough_to_make_a_density_endless():
    likelihood = make("learned")
    with torch.no_grad():
        likelihood.log_sigma.fill_(-100.0)
    p = likelihood(torch.zeros(1, 2))
    assert (p.base_dist.scale > 1e-3).all()
    assert p.log_prob(p.mean).item() < 3 * 6


def test_a_fixed_sigma_stays_and_is_no_parameter():
    likelihood = make("fixed", 0.25)
    likelihood.initialise(torch.zeros(3), torch.ones(3))
    p = likelihood(torch.zeros(4, 2))
    assert p.base_dist.scale.unique().tolist() == [0.25]
    assert likelihood.adapt(p, torch.randn(4, 3)) is p
    assert "log_sigma" not in dict(likelihood.named_parameters())


@pytest.mark.parametrize("options", [{"sigma": "best"}, {"value": 0.0}, {"value": -1.0}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError, match="sigma"):
        make(**options)
