"""Naive Monte Carlo: right on average, and useless in practice; both have to show."""

import math

import torch

from latentia.evidence import importance
from latentia.evidence.importance import ImportanceSampling
from latentia.evidence.naive import NaiveMonteCarlo


def test_the_estimate_is_unbiased(small, simulated):
    torch.manual_seed(1)
    _, x, exact = simulated(small, 3)
    found = NaiveMonteCarlo(samples=5)(small, x.repeat(4000, 1)).log_likelihood
    ratio = (found.reshape(4000, 3) - exact).exp()
    assert ((ratio.mean(0) - 1).abs() < 5 * ratio.std(0) / 4000**0.5).all()
    assert (ratio.std(0) > 0.1).all()


def test_it_sees_no_more_than_the_likelihood_of_prior_draws(small, simulated):
    _, x, _ = simulated(small, 2)
    torch.manual_seed(4)
    found = NaiveMonteCarlo(samples=30)(small, x)
    torch.manual_seed(4)
    log_px_z = small.log_likelihood(x, small.prior().sample((30, 2)))
    expected = log_px_z.logsumexp(0) - math.log(30)
    torch.testing.assert_close(found.log_likelihood, expected.detach())


def test_every_example_has_draws_of_its_own(small):
    found = NaiveMonteCarlo(samples=3)(small, torch.zeros(5, 4).double())
    assert len(found.log_likelihood.unique()) == 5


def test_its_effective_samples_collapse_where_those_of_q_do_not(linear_gaussian_of, simulated):
    torch.manual_seed(0)
    model = linear_gaussian_of(torch.randn(20, 5).double(), torch.zeros(20).double(), 0.1)
    _, x, exact = simulated(model, 20)
    naive = NaiveMonteCarlo(samples=1000)(model, x)
    assert naive.effective_samples.median() < 2
    assert (naive.log_likelihood < exact - 10).double().mean() > 0.9
    q = ImportanceSampling(samples=1000)(model, x)
    assert q.effective_samples.median() > 100
    assert (q.log_likelihood - exact).abs().max() < 0.5


def test_memory_does_not_grow_with_samples(small, monkeypatch):
    monkeypatch.setattr(importance, "_NUMBERS", 4 * 3 * 10)
    sizes, original = [], small.log_likelihood

    def record(x, z, c=None):
        sizes.append(len(z))
        return original(x, z, c)

    monkeypatch.setattr(small, "log_likelihood", record)
    NaiveMonteCarlo(samples=95)(small, torch.zeros(3, 4).double())
    assert sizes == [10] * 9 + [5]
