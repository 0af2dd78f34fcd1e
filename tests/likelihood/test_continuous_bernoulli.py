"""The continuous Bernoulli starts at the density of maximum likelihood."""

import torch

from latentia.likelihood.continuous_bernoulli import ContinuousBernoulli
from latentia.network.linear import Linear


def test_it_starts_at_the_best_constant_density():
    """In an exponential family the maximum is where the mean is the data's."""
    torch.manual_seed(0)
    x = torch.rand(300, 4) ** torch.tensor([0.2, 1.0, 3.0, 8.0])
    likelihood = ContinuousBernoulli(Linear(), (4,), 2)
    likelihood.initialise(x.mean(0), x.std(0))
    likelihood(torch.zeros(300, 2)).log_prob(x).sum().backward()
    assert likelihood.bias.grad.abs().max() < 300 * 1e-4


def test_grey_values_are_densities_above_one():
    likelihood = ContinuousBernoulli(Linear(), (4,), 2)
    likelihood.initialise(torch.full((4,), 0.05), torch.full((4,), 0.05))
    assert likelihood(torch.zeros(1, 2)).log_prob(torch.full((1, 4), 0.05)) > 0


def test_means_beyond_its_reach_start_finite():
    likelihood = ContinuousBernoulli(Linear(), (2,), 2)
    likelihood.initialise(torch.tensor([0.0, 1.0]), torch.zeros(2))
    assert likelihood.bias.isfinite().all()
    start = likelihood(torch.zeros(1, 2)).mean
    torch.testing.assert_close(start, torch.tensor([[0.01, 0.99]]), rtol=0, atol=1e-4)


def test_it_is_a_density_of_grey_values():
    assert ContinuousBernoulli.describes == {"unit", "levels"}
