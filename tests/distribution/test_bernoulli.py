"""The Bernoulli against scipy and torch's own, in value and gradient, at any logit."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Independent, kl_divergence

from latentia.distribution import bernoulli
from latentia.distribution.bernoulli import Bernoulli, IndependentBernoulli

LOGITS = torch.tensor([-200.0, -90.0, -31.0, -29.0, -5.0, -0.1, 0.0, 2.0, 25.0, 200.0])


@pytest.mark.parametrize("x", [0.0, 1.0])
def test_log_prob_is_that_of_the_logistic_distribution(x):
    logits = LOGITS.double()
    found = Bernoulli(logits).log_prob(torch.full_like(logits, x))
    # P(x = 1) is the logistic distribution's function at l, P(x = 0) what is left of it.
    expected = stats.logistic.logcdf(logits) if x else stats.logistic.logsf(logits)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("x", [0.0, 0.3, 1.0])
def test_value_and_gradient_are_torchs_at_any_logit(x, kind):
    value = torch.full_like(LOGITS, x, dtype=kind)
    sides = []
    for make in (Bernoulli, lambda logits: TorchBernoulli(logits=logits, validate_args=False)):
        logits = LOGITS.to(kind).requires_grad_()
        nats = make(logits).log_prob(value)
        sides.append((nats.detach(), torch.autograd.grad(nats.sum(), logits)[0]))
    (found, gradient), (expected, slope) = sides
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(gradient, slope, rtol=1e-6, atol=1e-7)


def test_the_gradient_of_what_is_certain_is_zero_and_never_a_denormal():
    logits = torch.linspace(-120, -20, 400).requires_grad_()
    nats = Bernoulli(logits).log_prob(torch.zeros(400))
    (gradient,) = torch.autograd.grad(nats.sum() / 128, logits)
    size = gradient.abs()
    assert ((size == 0) | (size.square() > torch.finfo(torch.float32).tiny)).all()
    assert (size[logits < -31] == 0).all() and (size[logits > -29] > 0).all()


def test_an_improbable_one_costs_all_its_nats_and_pulls_with_all_its_strength():
    logits = torch.tensor([-150.0], requires_grad=True)
    nats = Bernoulli(logits).log_prob(torch.ones(1))
    assert nats.item() == -150
    assert torch.autograd.grad(nats, logits)[0].item() == 1


def test_samples_and_values_broadcast_as_anywhere():
    p = Independent(Bernoulli(torch.zeros(3, 1, 4).requires_grad_()), 1)
    x = torch.ones(5, 4)
    nats = p.log_prob(x)
    assert nats.shape == (3, 5)
    (gradient,) = torch.autograd.grad(nats.sum(), p.base_dist.logits)
    assert gradient.shape == (3, 1, 4)
    assert gradient.unique().item() == pytest.approx(5 * 0.5)
    assert p.expand((3, 5)).log_prob(x).shape == (3, 5)


def test_second_derivatives_are_those_of_the_formula():
    logits = torch.tensor([-2.0, 0.5], dtype=torch.float64, requires_grad=True)
    x = torch.tensor([1.0, 0.0], dtype=torch.float64)
    assert torch.autograd.gradgradcheck(lambda t: Bernoulli(t).log_prob(x), logits)
    value = x.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda v: Bernoulli(logits.detach()).log_prob(v), value)


def test_divergences_are_those_registered_for_torchs():
    a, b = torch.tensor([0.3]), torch.tensor([-1.0])
    expected = kl_divergence(TorchBernoulli(logits=a), TorchBernoulli(logits=b))
    torch.testing.assert_close(kl_divergence(Bernoulli(a), Bernoulli(b)), expected)


def test_draws_are_ones_as_often_as_p_says_and_repeat_with_the_seed():
    logits = torch.tensor([-200.0, -2.0, 0.0, 3.0, 200.0])
    torch.manual_seed(0)
    x = Bernoulli(logits).sample((40_000,))
    assert x.shape == (40_000, 5) and set(x.unique().tolist()) == {0.0, 1.0}
    p = torch.sigmoid(logits)
    error = (p * (1 - p) / 40_000).sqrt()
    assert ((x.mean(0) - p).abs() <= 4 * error).all()
    torch.manual_seed(0)
    assert torch.equal(Bernoulli(logits).sample((40_000,)), x)
    assert Bernoulli(logits.requires_grad_()).sample().requires_grad is False


def test_every_example_can_have_its_own_gradient():
    logits, x = torch.randn(3, 4), torch.rand(3, 4)
    found = torch.func.vmap(torch.func.grad(lambda t, v: Bernoulli(t).log_prob(v).sum()))(
        logits, x
    )
    torch.testing.assert_close(found, x - torch.sigmoid(logits))


@pytest.mark.parametrize("cached", [1, 30, 100, 10_000])
@pytest.mark.parametrize("event", [(6,), (1, 2, 3)])
def test_images_are_scored_the_same_in_parts(monkeypatch, cached, event):
    monkeypatch.setattr(bernoulli, "_CACHED", cached)
    logits, x = 30 * torch.randn(7, 3, *event), torch.rand(3, *event)
    logits[0, 0].flatten()[:4] = torch.tensor([-200.0, 200.0, 45.0, -45.0])
    whole = Independent(Bernoulli(logits), len(event))
    found = IndependentBernoulli(Bernoulli(logits), len(event))
    with torch.no_grad():
        torch.testing.assert_close(found.log_prob(x), whole.log_prob(x))
        # What is not the same for all of the first dimension is not taken apart.
        each = torch.rand(7, 3, *event)
        torch.testing.assert_close(found.log_prob(each), whole.log_prob(each))
        assert torch.equal(logits, found.base_dist.logits)
        wide = found.expand((2, 7, 3))
        torch.testing.assert_close(wide.log_prob(x), whole.log_prob(x).expand(2, 7, 3))
    gradient = torch.autograd.grad(
        IndependentBernoulli(Bernoulli(logits.requires_grad_()), len(event)).log_prob(x).sum(),
        logits,
    )
    torch.testing.assert_close(
        gradient[0], (x - torch.sigmoid(logits)).detach(), atol=2e-7, rtol=0
    )


def test_many_draws_are_ones_as_often_as_p_says_in_every_row_and_column():
    logits = torch.tensor([-200.0, -2.0, 0.0, 3.0, 200.0]).repeat(200)
    torch.manual_seed(0)
    x = Bernoulli(logits).sample((1000,))
    assert x.shape == (1000, 1000) and set(x.unique().tolist()) == {0.0, 1.0}
    p = torch.sigmoid(logits)
    variance = p * (1 - p)
    assert ((x.mean(0) - p).abs() <= 4.5 * (variance / 1000).sqrt()).all()
    assert ((x.mean(1) - p.mean()).abs() <= 4.5 * variance.mean().sqrt() / 1000**0.5).all()
    # Rows and columns apart: the variance of their sums is that of independent pixels.
    scores = (x - p)[:, variance > 1e-3] / variance[variance > 1e-3].sqrt()
    for dim in (0, 1):
        spread = scores.sum(dim) / scores.shape[dim] ** 0.5
        assert abs(float(spread.var()) - 1) <= 5 * (2 / len(spread)) ** 0.5
    torch.manual_seed(0)
    assert torch.equal(Bernoulli(logits).sample((1000,)), x)


def test_of_many_draws_the_improbable_are_as_rare_as_they_should_be():
    # Less than a step of 16 bits: without the bits that follow there would be none, or 256.
    p = torch.tensor(2.0**-18)
    torch.manual_seed(0)
    drawn = Bernoulli((p / (1 - p)).log().expand(4096)).sample((4096,))
    assert 30 <= float(drawn.sum()) <= 98


def test_what_is_certain_is_certain_in_many_draws():
    torch.manual_seed(0)
    logits = torch.tensor([-200.0, 200.0]).repeat(1000)
    assert torch.equal(Bernoulli(logits).sample((2000,)), (logits > 0).float().expand(2000, 2000))
