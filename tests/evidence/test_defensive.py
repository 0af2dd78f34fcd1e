"""Defensive sampling finds what q misses, at a bounded price, and stays unbiased."""

import math

import pytest
import torch

from latentia.evidence import importance
from latentia.evidence.defensive import DefensiveSampling
from latentia.evidence.importance import ImportanceSampling
from latentia.evidence.quadrature import Quadrature


def test_it_recovers_a_mode_that_importance_sampling_misses_without_noticing(two_modes):
    model, x = two_modes(0.5), torch.full((30, 1), 4.0).double()
    exact = Quadrature()(model, x[:1]).log_likelihood
    torch.manual_seed(0)
    blind = ImportanceSampling(samples=1000)(model, x)
    # Half of p(z|x) is missing: log 2, of which neither error nor effective samples say anything.
    assert (blind.log_likelihood - exact).mean().item() == pytest.approx(-math.log(2), abs=0.03)
    assert (blind.error < 0.05).all() and (blind.effective_samples > 500).all()
    found = DefensiveSampling(samples=10_000)(model, x)
    gap = found.log_likelihood - exact
    assert (gap.abs() < 5 * found.error).all() and (found.error < 0.2).all()
    assert gap.mean().abs() < 0.05


def test_the_estimate_is_unbiased(small, simulated):
    torch.manual_seed(1)
    with torch.no_grad():
        small.posterior.head.bias += torch.tensor([0.5, -0.5, -0.7, -0.7])
    _, x, exact = simulated(small, 3)
    found = DefensiveSampling(samples=10)(small, x.repeat(4000, 1))
    ratio = (found.log_likelihood.reshape(4000, 3) - exact).exp()
    assert ((ratio.mean(0) - 1).abs() < 5 * ratio.std(0) / 4000**0.5).all()
    assert (ratio.std(0) > 0.05).all()


def test_its_error_is_not_below_the_spread_of_repeats(small, simulated):
    torch.manual_seed(2)
    with torch.no_grad():
        small.posterior.head.bias += torch.tensor([0.3, -0.3, -0.7, -0.7])
    _, x, _ = simulated(small, 1)
    found = DefensiveSampling(samples=200)(small, x.repeat(1000, 1))
    spread = found.log_likelihood.std().item()
    assert spread < 1.05 * found.error.mean().item() < 2 * spread


def test_no_weight_exceeds_twice_that_of_q(small, simulated, monkeypatch):
    _, x, _ = simulated(small, 2)
    q, seen = small.posterior(x), []
    original = importance.Weights.add
    monkeypatch.setattr(
        importance.Weights, "add", lambda self, w: (seen.append(w), original(self, w))
    )
    zs, likelihood = [], small.log_likelihood
    monkeypatch.setattr(
        small, "log_likelihood", lambda x, z, c=None: (zs.append(z), likelihood(x, z, c))[1]
    )
    DefensiveSampling(samples=100)(small, x)
    z = torch.cat(zs)
    own = likelihood(x, z) + small.prior().log_prob(z) - q.log_prob(z)
    assert (torch.cat(seen) <= own + math.log(2) + 1e-9).all()


@pytest.mark.parametrize("decodes", [1, 3, 7, 10, 1000])
def test_shares_are_exact_whatever_the_chunk(small, monkeypatch, decodes):
    monkeypatch.setattr(importance, "_NUMBERS", 4 * 2 * decodes)
    drawn = []
    for name, distribution in (
        ("posterior", torch.distributions.Normal(torch.zeros(2, 2), 1.0)),
        ("prior", torch.distributions.Normal(torch.zeros(2), 1.0)),
    ):
        spy = Counting(distribution, drawn, name)
        monkeypatch.setattr(getattr(small, name), "forward", lambda *a, spy=spy: spy)
    monkeypatch.setattr(
        "latentia.evidence.defensive.Independent",
        lambda base, n: Counting(base, drawn, "wide"),
    )
    DefensiveSampling(samples=70)(small.double(), torch.zeros(2, 4).double())
    counts = {name: sum(n for each, n in drawn if each == name) for name, _ in drawn}
    assert counts == {"posterior": 35, "wide": 21, "prior": 14}


class Counting(torch.distributions.Independent):
    """A distribution that notes how many samples were asked of it."""

    def __init__(self, base, drawn, name):
        super().__init__(base, 1)
        self.drawn, self.name = drawn, name

    def sample(self, sample_shape=()):
        self.drawn.append((self.name, sample_shape[0]))
        return super().sample(sample_shape).double()


@pytest.mark.parametrize("option", [{"samples": 15}, {"samples": 9}, {"width": 0.5}])
def test_what_cannot_be_shared_is_refused(option, says):
    with pytest.raises(ValueError) as caught:
        DefensiveSampling(**option)
    says(caught.value, "where:", "mend:", next(iter(option)))
