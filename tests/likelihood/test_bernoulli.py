"""The Bernoulli: cross-entropy, and the entropy of the pixel means at the start."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from latentia.likelihood.bernoulli import Bernoulli
from latentia.network.linear import Linear


def test_log_density_is_minus_the_cross_entropy_summed_over_pixels():
    torch.manual_seed(0)
    likelihood, z = Bernoulli(Linear(), (1, 4, 4), 2), 30 * torch.randn(3, 2)
    x = torch.rand(3, 1, 4, 4).round()
    cost = binary_cross_entropy_with_logits(
        likelihood.emit(z).squeeze(-4), x, reduction="none"
    ).sum((1, 2, 3))
    torch.testing.assert_close(likelihood(z).log_prob(x), -cost)


def test_it_starts_at_the_entropy_of_independent_pixels():
    torch.manual_seed(0)
    x = (torch.rand(400, 6) < torch.linspace(0.05, 0.95, 6)).float()
    mean = x.mean(0)
    likelihood = Bernoulli(Linear(), (6,), 2)
    likelihood.initialise(mean, x.std(0))
    entropy = -(mean * mean.log() + (1 - mean) * (1 - mean).log()).sum()
    start = likelihood(torch.zeros(400, 2)).log_prob(x).mean()
    torch.testing.assert_close(start, -entropy, rtol=0, atol=1e-4)


def test_a_pixel_that_never_changes_keeps_the_start_finite():
    likelihood = Bernoulli(Linear(), (2,), 2)
    likelihood.initialise(torch.tensor([0.0, 1.0]), torch.zeros(2))
    x = torch.tensor([[1.0, 0.0]])
    assert likelihood(torch.zeros(1, 2)).log_prob(x).isfinite().all()


def test_it_is_a_probability_of_black_and_white_alone():
    assert Bernoulli.describes == {"binary"}
