"""A single code."""

import pytest
import torch

from latentia.distribution.autoregressive_codes import Autoregressive
from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.one_hots import OneHots
from latentia.distribution.quantized import Quantized, Strayed
from latentia.errors import UsageError

CODES = torch.tensor([[0, 2], [1, 1], [2, 2]])


def of(encoded=None, strayed=None):
    return Quantized(CODES, 3, torch.zeros(3, 4) if encoded is None else encoded, strayed)


def test_every_draw_is_the_code_and_has_probability_one():
    q = of()
    z = q.sample([5])
    assert z.shape == (5, 3, 6) and torch.equal(z, q.mean.expand(5, -1, -1))
    assert torch.equal(z.unflatten(-1, (2, 3)).argmax(-1)[0], CODES)
    assert (q.log_prob(z) == 0).all() and (q.variance == 0).all()


def test_over_all_codes_its_probabilities_sum_to_one():
    eye = torch.eye(3)
    every = torch.stack([torch.cat([eye[i], eye[j]]) for i in range(3) for j in range(3)])
    mass = of().log_prob(every[:, None]).exp()
    assert mass.sum(0).tolist() == [1, 1, 1] and mass.max() == 1


def test_its_divergence_is_minus_the_log_probability_of_the_code():
    logits = torch.randn(2, 3, requires_grad=True)
    q, p = of(), OneHots(logits)
    found = closed_form_kl(q, p).total
    torch.testing.assert_close(found, -p.log_prob(q.mean))
    torch.testing.assert_close(found, -logits.log_softmax(-1)[torch.arange(2), CODES].sum(-1))


def test_other_choices_of_as_many_latents_are_refused():
    for p in (
        OneHots(torch.zeros(3, 2)),
        Autoregressive(torch.zeros_like, 3, 2, torch.zeros(0)),
    ):
        with pytest.raises(UsageError, match="2 choices of 3, and the prior 3 of 2"):
            closed_form_kl(of(), p)


def test_what_it_carries_is_zero_with_the_derivative_of_what_was_rounded():
    encoded = torch.randn(3, 4, requires_grad=True)
    carry, weight = of(encoded).carry, torch.randn(3, 4)
    assert (carry == 0).all()
    (slope,) = torch.autograd.grad((weight * carry).sum(), encoded)
    assert torch.equal(slope, weight)
    assert not of(encoded).rsample().requires_grad


def test_each_side_pays_for_the_distance_between_them():
    rest = torch.randn(3, 2, 1, 4, requires_grad=True)
    words = torch.randn(3, 2, 1, 4, requires_grad=True)
    away = (rest - words).detach()
    strayed = Strayed(rest, words, learned=True)
    for price, whose, other, slope in (
        (strayed.commitment, rest, words, 2 * away),
        (strayed.codebook, words, rest, -2 * away),
    ):
        torch.testing.assert_close(price, away.square().sum((1, 2, 3)))
        found, none = torch.autograd.grad(price.sum(), [whose, other], allow_unused=True)
        torch.testing.assert_close(found, slope)
        assert none is None
    assert (strayed._replace(learned=False).codebook == 0).all()
