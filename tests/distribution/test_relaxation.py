"""Draws between the codes: their laws in closed form, what they round to, and their slopes."""

import pytest
import torch
from scipy import stats

from latentia.distribution.binary import Binary
from latentia.distribution.one_hots import OneHots
from latentia.distribution.relaxation import Relaxation

N = 40_000
ODDS = torch.tensor([-3.0, 0.2, 2.0]).double()
LOGITS = torch.tensor([[0.5, -1.0, 0.3], [2.0, 0.0, -2.0]]).double().log_softmax(-1)
TAUS = [0.1, 0.67, 3.0]


@pytest.mark.parametrize("tau", TAUS)
def test_codes_are_drawn_as_often_as_their_probabilities_say(tau):
    torch.manual_seed(0)
    for q in (Binary(ODDS, Relaxation(tau)), OneHots(LOGITS, Relaxation(tau))):
        z = q.rsample((N,))
        assert set(z.unique().tolist()) == {0.0, 1.0}
        assert ((z.mean(0) - q.mean).abs() <= 4.5 * (q.variance / N).sqrt()).all()
    assert (z.unflatten(-1, (2, 3)).sum(-1) == 1).all()


@pytest.mark.parametrize("tau", TAUS)
def test_a_relaxed_yes_or_no_has_the_law_of_the_binary_concrete(tau):
    """Below t are sigmoid(tau logit(t) - l) of the draws."""
    torch.manual_seed(1)
    drawn = Relaxation(tau).binary(ODDS, torch.Size([N]))
    for t in torch.tensor([1e-6, 0.01, 0.1, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6]).double():
        share = (tau * t.logit() - ODDS).sigmoid()
        found = (drawn.soft <= t).double().mean(0)
        assert ((found - share).abs() <= 4.5 * (share * (1 - share) / N).sqrt() + 1 / N).all()
    assert torch.equal(drawn.hard, (drawn.soft > 0.5).double())


@pytest.mark.parametrize("tau", TAUS)
def test_a_relaxed_choice_has_the_law_of_the_concrete_distribution(tau):
    # tau log(z_i / z_j) - (l_i - l_j) is logistic, the difference of two Gumbels.
    torch.manual_seed(2)
    drawn = Relaxation(tau).one_hots(LOGITS, torch.Size([N]))
    soft = drawn.soft.unflatten(-1, (2, 3))
    torch.testing.assert_close(soft.sum(-1), torch.ones(N, 2).double())
    for i, j in ((0, 1), (1, 2), (2, 0)):
        noise = tau * (soft[..., i] / soft[..., j]).log() - (LOGITS[:, i] - LOGITS[:, j])
        for each in noise.unbind(-1):
            assert stats.kstest(each.numpy(), stats.logistic.cdf).pvalue > 1e-3
    theirs = torch.distributions.RelaxedOneHotCategorical(torch.tensor(tau), logits=LOGITS)
    other = theirs.sample((N,))
    for power in (1, 2):
        one, two = soft**power, other**power
        error = ((one.var(0) + two.var(0)) / N).sqrt()
        assert ((one.mean(0) - two.mean(0)).abs() <= 4.5 * error).all()
    largest = soft.argmax(-1, keepdim=True)
    assert (drawn.hard.unflatten(-1, (2, 3)).gather(-1, largest) == 1).all()


def test_the_slope_is_that_of_differences_with_the_same_noise():
    relaxation, weight = Relaxation(0.5), torch.tensor([2.0, -1.0, 0.5] * 2).double()
    of = {
        "one_hots": lambda logits: relaxation.one_hots(logits, torch.Size([7])),
        "binary": lambda logits: relaxation.binary(logits.flatten(), torch.Size([7])),
    }
    for drawn in of.values():

        def value(logits, drawn=drawn):
            torch.manual_seed(3)
            return (drawn(logits).soft * weight).square().sum()

        logits = LOGITS.clone().requires_grad_()
        (found,) = torch.autograd.grad(value(logits), logits)
        for at in range(LOGITS.numel()):
            step = torch.zeros(6).double()
            step[at] = 1e-6
            step = step.reshape(2, 3)
            about = (value(LOGITS + step) - value(LOGITS - step)) / 2e-6
            torch.testing.assert_close(found.flatten()[at], about, rtol=1e-6, atol=1e-7)


def test_a_code_hands_on_the_slope_of_what_it_was_rounded_from():
    logits = LOGITS.clone().requires_grad_()
    weight = torch.randn(6).double()
    slopes = []
    for straight in (True, False):
        torch.manual_seed(4)
        if straight:
            z = OneHots(logits, Relaxation(0.7)).rsample((5,))
        else:
            z = Relaxation(0.7).one_hots(logits, torch.Size([5])).soft
        slopes += torch.autograd.grad((z * weight).sum(), logits)
    torch.testing.assert_close(slopes[0], slopes[1])


def test_in_single_precision_at_the_lowest_temperature_everything_is_a_number():
    torch.manual_seed(5)
    odds = torch.tensor([-16.0, 0.0, 16.0], requires_grad=True)
    drawn = Relaxation(0.01).binary(odds, torch.Size([10_000]))
    (slope,) = torch.autograd.grad(drawn.soft.sum(), odds)
    assert drawn.soft.isfinite().all() and slope.isfinite().all()
