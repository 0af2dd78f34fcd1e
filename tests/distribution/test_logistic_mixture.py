"""A mixture of logistics over 256 levels."""

import torch

from latentia.distribution.discretized_logistic import DiscretizedLogistic
from latentia.distribution.logistic_mixture import LogisticMixture

LEVELS = torch.arange(256) / 255


def make():
    torch.manual_seed(0)
    return LogisticMixture(torch.randn(4, 3), torch.rand(4, 3), -2 - torch.rand(4, 3))


def test_its_probabilities_are_weighted_sums_that_add_to_one():
    p = make()
    found = p.log_prob(LEVELS[:, None]).exp()
    torch.testing.assert_close(found.sum(0), torch.ones(4), rtol=0, atol=1e-5)
    parts = DiscretizedLogistic(p.parts.loc, p.parts.log_scale)
    by_hand = (p.logits.exp() * parts.log_prob(LEVELS[:, None, None]).exp()).sum(-1)
    torch.testing.assert_close(found, by_hand)


def test_one_part_is_the_discretized_logistic():
    loc, log_scale = torch.rand(4, 1), -2 - torch.rand(4, 1)
    p = LogisticMixture(torch.randn(4, 1), loc, log_scale)
    alone = DiscretizedLogistic(loc[:, 0], log_scale[:, 0])
    torch.testing.assert_close(p.log_prob(LEVELS[:, None]), alone.log_prob(LEVELS[:, None]))
    torch.testing.assert_close(p.mean, alone.mean)


def test_draws_are_levels_as_often_as_it_says():
    p, n = make(), 60_000
    x = p.sample((n,))
    k = (x * 255).round()
    torch.testing.assert_close(x, k / 255)
    mass = p.log_prob(LEVELS[:, None]).exp()
    share = torch.stack([(k == level).double().mean(0) for level in range(256)])
    error = (mass * (1 - mass) / n).sqrt()
    often = mass * n > 20  # fewer are no normal numbers
    assert ((share - mass).abs() <= 5 * error)[often].all()
    rare = (share - mass).masked_fill(often, 0.0).sum(0)
    assert (rare.abs() <= 5 * mass.masked_fill(often, 0.0).sum(0).div(n).sqrt() + 1e-6).all()
    torch.testing.assert_close(x.mean(0), p.mean, rtol=0, atol=0.01)
