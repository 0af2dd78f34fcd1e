"""Choices one after the other."""

import itertools

import pytest
import torch
from scipy import stats

from latentia.distribution.autoregressive_codes import Autoregressive
from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.one_hots import OneHots
from latentia.errors import UsageError

GROUPS, CLASSES = 3, 3


def table():
    """Return P(z1, z2, z3) of any choices, (3, 3, 3), and the logits that it has."""
    torch.manual_seed(0)
    joint = torch.randn(CLASSES, CLASSES, CLASSES).double().flatten().softmax(0).view(3, 3, 3)
    first = joint.sum((1, 2))
    second = joint.sum(2) / first[:, None]
    third = joint / joint.sum(2, keepdim=True)

    def logits_of(z):
        a, b = z[:, 0], z[:, 1]
        each = [
            first.expand(len(z), -1),
            a @ second,
            torch.einsum("ni,nj,ijk->nk", a, b, third),
        ]
        # Of choices that are not made yet there is nothing to say.
        return torch.stack([p.clamp_min(1e-30).log() for p in each], 1)

    return joint, logits_of


def every(classes=CLASSES):
    rows = torch.tensor(list(itertools.product(range(classes), repeat=GROUPS)))
    return rows, torch.eye(classes).double()[rows].flatten(1)


def test_it_is_the_distribution_whose_conditionals_it_is_given():
    joint, logits_of = table()
    p = Autoregressive(logits_of, GROUPS, CLASSES, torch.zeros(0).double())
    _, z = every()
    torch.testing.assert_close(p.log_prob(z).exp(), joint.flatten())
    torch.testing.assert_close(p.log_prob(z.view(9, 3, 9)).exp().flatten(), joint.flatten())


def test_it_draws_every_code_as_often_as_it_says():
    joint, logits_of = table()
    p = Autoregressive(logits_of, GROUPS, CLASSES, torch.zeros(0).double())
    torch.manual_seed(1)
    z = p.sample([4, 5000])
    assert z.shape == (4, 5000, 9) and z.dtype == torch.float64
    place = z.unflatten(-1, (3, 3)).argmax(-1).reshape(-1, 3) @ torch.tensor([9, 3, 1])
    found = torch.bincount(place, minlength=27)
    assert stats.chisquare(found, 20_000 * joint.flatten().numpy()).pvalue > 1e-3


def test_binary_latents_are_choices_of_two_written_as_one_number():
    weight = torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [-1.0, 3.0, 0.0]]).double()

    def logits_of(z):
        ones = z[..., 1] @ weight.T + 0.3
        return torch.stack([torch.zeros_like(ones), ones], -1)

    p = Autoregressive(logits_of, GROUPS, 2, torch.zeros(0).double(), binary=True)
    z = torch.tensor(list(itertools.product([0.0, 1.0], repeat=3))).double()
    each = torch.distributions.Bernoulli(logits=z @ weight.T + 0.3).log_prob(z).sum(-1)
    torch.testing.assert_close(p.log_prob(z), each)
    torch.manual_seed(0)
    drawn = p.sample([20_000])
    assert drawn.shape == (20_000, 3)
    found = torch.bincount((drawn @ torch.tensor([4.0, 2, 1]).double()).long(), minlength=8)
    assert stats.chisquare(found, 20_000 * each.exp().numpy()).pvalue > 1e-3


def test_its_divergence_has_no_closed_form_and_other_choices_are_refused():
    p = Autoregressive(torch.zeros_like, 2, 3, torch.zeros(0))
    assert closed_form_kl(OneHots(torch.zeros(5, 2, 3)), p).total is None
    with pytest.raises(UsageError, match="3 choices of 2, and the prior 2 of 3"):
        closed_form_kl(OneHots(torch.zeros(5, 3, 2)), p)
