"""Closed-form divergences against Monte Carlo, in value and in gradient."""

import torch
from torch.distributions import (
    Categorical,
    Independent,
    MixtureSameFamily,
    MultivariateNormal,
    Normal,
)

from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.flat import Flat


def gaussian(loc, log_scale):
    return Independent(Normal(loc, log_scale.exp()), 1)


def leaves():
    loc = torch.tensor([[0.7, -0.4], [0.0, 1.5]], requires_grad=True)
    log_scale = torch.tensor([[0.2, -1.0], [-0.5, 0.0]], requires_grad=True)
    return loc, log_scale


PRIOR = Independent(Normal(torch.tensor([0.1, -0.2]), torch.tensor([1.0, 0.7])), 1)


def test_gaussian_kl_agrees_with_monte_carlo_in_value_and_gradient():
    torch.manual_seed(0)
    exact_leaves = leaves()
    exact = closed_form_kl(gaussian(*exact_leaves), PRIOR)
    exact_slopes = torch.autograd.grad(exact.total.sum(), exact_leaves)
    sampled_leaves = leaves()
    q = gaussian(*sampled_leaves)
    z = q.rsample((200_000,))
    sampled = (q.log_prob(z) - PRIOR.log_prob(z)).mean(0)
    sampled_slopes = torch.autograd.grad(sampled.sum(), sampled_leaves)
    torch.testing.assert_close(exact.total, sampled, rtol=0, atol=0.02)
    for exactly, about in zip(exact_slopes, sampled_slopes, strict=True):
        torch.testing.assert_close(exactly, about, rtol=0, atol=0.03)


def test_the_total_is_the_sum_over_latents_and_never_negative():
    kl = closed_form_kl(gaussian(*leaves()), PRIOR)
    assert kl.per_dim.shape == (2, 2)
    assert (kl.per_dim >= 0).all()
    torch.testing.assert_close(kl.total, kl.per_dim.sum(-1))


def test_a_distribution_is_no_distance_from_itself():
    q = gaussian(*leaves())
    torch.testing.assert_close(closed_form_kl(q, q).total, torch.zeros(2))


def test_a_pair_that_does_not_factorize_has_a_total_alone():
    q = MultivariateNormal(torch.zeros(1, 2), torch.tensor([[2.0, 0.5], [0.5, 1.0]]))
    p = MultivariateNormal(torch.zeros(2), torch.eye(2))
    kl = closed_form_kl(q, p)
    by_hand = 0.5 * (3.0 - 2 - torch.tensor(1.75).log())
    torch.testing.assert_close(kl.total, by_hand[None])
    assert kl.per_dim is None


def test_where_none_is_registered_there_is_none():
    mixture = MixtureSameFamily(
        Categorical(logits=torch.zeros(3)), Independent(Normal(torch.randn(3, 2), 1.0), 1)
    )
    for p in (mixture, Flat(2)):
        assert closed_form_kl(gaussian(*leaves()), p) == (None, None)
