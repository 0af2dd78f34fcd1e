"""Latents of which one in each group is 1."""

import pytest
import torch

from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.one_hots import OneHots
from latentia.errors import UsageError


def test_each_group_has_one_and_it_is_drawn_as_often_as_pi_says():
    torch.manual_seed(0)
    q = OneHots(torch.randn(3, 2, 4))
    z = q.rsample((40_000,))
    assert z.shape == (40_000, 3, 8)
    assert (z.unflatten(-1, (2, 4)).sum(-1) == 1).all()
    assert ((z.mean(0) - q.mean).abs() <= 4.5 * (q.variance / 40_000).sqrt()).all()


def test_its_log_probability_is_torchs():
    torch.manual_seed(0)
    q = OneHots(torch.randn(3, 2, 4))
    theirs = torch.distributions.OneHotCategorical(logits=q.logits)
    z = theirs.sample((5,))
    torch.testing.assert_close(q.log_prob(z.flatten(-2)), theirs.log_prob(z).sum(-1))


def test_the_gradient_of_what_is_linear_is_exact():
    logits = torch.randn(2, 3, requires_grad=True)
    weight = torch.randn(6)
    (found,) = torch.autograd.grad((weight * OneHots(logits).rsample()).sum(), logits)
    (exact,) = torch.autograd.grad((weight * OneHots(logits).mean).sum(), logits)
    torch.testing.assert_close(found, exact)


def test_its_divergence_is_that_of_torchs_group_by_group():
    one, other = torch.randn(5, 2, 4), torch.randn(2, 4)
    found = closed_form_kl(OneHots(one), OneHots(other)).total
    theirs = torch.distributions.kl_divergence(
        torch.distributions.Categorical(logits=one), torch.distributions.Categorical(logits=other)
    )
    torch.testing.assert_close(found, theirs.sum(-1))


def test_other_choices_of_as_many_latents_are_refused():
    with pytest.raises(UsageError, match=r"2 choices of 3, and the prior 1 of 6"):
        closed_form_kl(OneHots(torch.zeros(5, 2, 3)), OneHots(torch.zeros(1, 6)))
