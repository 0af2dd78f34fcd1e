"""Latents that are 0 or 1."""

import torch
from torch.distributions import Bernoulli, Independent

from latentia.distribution.binary import Binary
from latentia.distribution.divergence import closed_form_kl


def test_draws_are_zeros_and_ones_as_often_as_p_says():
    torch.manual_seed(0)
    q = Binary(torch.tensor([-3.0, 0.0, 2.0]))
    z = q.rsample((40_000,))
    assert set(z.unique().tolist()) == {0.0, 1.0}
    assert ((z.mean(0) - q.probs).abs() <= 4.5 * (q.variance / 40_000).sqrt()).all()


def test_the_gradient_of_what_is_linear_is_exact():
    logits = torch.tensor([-3.0, 0.0, 2.0], requires_grad=True)
    weight = torch.tensor([2.0, -1.0, 0.5])
    (found,) = torch.autograd.grad((weight * Binary(logits).rsample()).sum(), logits)
    p = torch.sigmoid(logits.detach())
    torch.testing.assert_close(found, weight * p * (1 - p))


def test_its_divergence_broadcasts_over_examples_and_is_that_of_enumeration():
    q = Independent(Binary(torch.randn(5, 3)), 1)
    p = Independent(Bernoulli(logits=torch.randn(3)), 1)
    found = closed_form_kl(q, p)
    one, other = q.base_dist.probs, p.base_dist.probs
    by_hand = one * (one / other).log() + (1 - one) * ((1 - one) / (1 - other)).log()
    torch.testing.assert_close(found.per_dim, by_hand)
    torch.testing.assert_close(found.total, by_hand.sum(-1))


def test_certain_latents_have_a_finite_divergence_and_gradient():
    logits = torch.tensor([[-100.0, 100.0]], requires_grad=True)
    kl = closed_form_kl(Independent(Binary(logits), 1), Independent(Binary(torch.zeros(2)), 1))
    torch.testing.assert_close(kl.total, 2 * torch.tensor([2.0]).log())
    kl.total.sum().backward()
    assert logits.grad.isfinite().all()


def test_expanded_it_is_the_same():
    assert Binary(torch.zeros(3)).expand((4, 3)).rsample((2,)).shape == (2, 4, 3)
