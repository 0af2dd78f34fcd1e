"""The continuous Bernoulli against quadrature in float64 and torch's own."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from latentia.distribution.continuous_bernoulli import ContinuousBernoulli

LOGITS = [-60.0, -20.0, -3.0, -0.3, -0.26, -0.24, -1e-3, 0.0, 1e-6, 0.1, 0.24, 0.26, 2.0, 60.0]


def reference_log_constant(logit):
    """Return log of 1 / integral of e^(x l) (1 + e^l)^-1 over [0, 1], by quadrature in float64."""
    area, _ = integrate.quad(
        lambda x: np.exp(x * logit - np.logaddexp(0, logit)), 0, 1, epsabs=0, epsrel=1e-13
    )
    return -np.log(area)


@pytest.mark.parametrize("logit", LOGITS)
def test_density_integrates_to_one(logit):
    nodes, weights = np.polynomial.legendre.leggauss(200)
    x = torch.tensor((nodes + 1) / 2, dtype=torch.float32)
    density = ContinuousBernoulli(torch.tensor(logit)).log_prob(x).double().exp().numpy()
    assert (density * weights).sum() / 2 == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("logit", LOGITS)
def test_log_constant_agrees_with_quadrature_to_float32(logit):
    found = ContinuousBernoulli(torch.tensor(logit)).log_constant().item()
    assert found == pytest.approx(reference_log_constant(logit), rel=1e-6, abs=3e-7)


def test_log_constant_has_no_step_where_the_series_ends():
    logits = torch.linspace(0.2499, 0.2501, 9, dtype=torch.float64)
    expected = [reference_log_constant(logit) for logit in logits.tolist()]
    found = ContinuousBernoulli(logits).log_constant()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("logit", LOGITS)
def test_mean_agrees_with_quadrature(logit):
    p = ContinuousBernoulli(torch.tensor(logit, dtype=torch.float64))
    expected, _ = integrate.quad(
        lambda x: x * p.log_prob(torch.tensor(x, dtype=torch.float64)).exp().item(), 0, 1
    )
    assert p.mean.item() == pytest.approx(expected, abs=1e-8)


def test_float32_mean_agrees_with_float64_at_any_logit():
    logits = torch.linspace(-60, 60, 4001, dtype=torch.float64)
    exact = ContinuousBernoulli(logits).mean
    found = ContinuousBernoulli(logits.float()).mean.double()
    torch.testing.assert_close(found, exact, rtol=0, atol=1e-6)


def test_agrees_with_torch_where_torch_is_accurate():
    logits = torch.linspace(-8, 8, 41, dtype=torch.float64)
    x = torch.linspace(0, 1, 11, dtype=torch.float64)[:, None]
    theirs = torch.distributions.ContinuousBernoulli(logits=logits)
    ours = ContinuousBernoulli(logits)
    torch.testing.assert_close(ours.log_prob(x), theirs.log_prob(x), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(ours.mean, theirs.mean, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("of", ["log_prob", "mean", "log_constant"])
def test_gradients_are_finite_and_right_everywhere(of):
    def value(logits):
        p = ContinuousBernoulli(logits)
        x = torch.tensor(0.3, dtype=logits.dtype)
        return {"log_prob": p.log_prob(x), "mean": p.mean, "log_constant": p.log_constant()}[of]

    points = [-1e4, -60.0, -0.25, -1e-8, 0.0, 1e-8, 0.25, 60.0, 1e4]
    logits = torch.tensor(points, requires_grad=True)
    (slope,) = torch.autograd.grad(value(logits).sum(), logits)
    assert slope.isfinite().all()
    inner = torch.tensor([-30.0, -1, -0.2, 0, 0.2, 1, 30], dtype=torch.float64)
    assert torch.autograd.gradcheck(value, inner.requires_grad_(), atol=1e-5)


@pytest.mark.parametrize("logit", [-60.0, -2.0, 0.0, 1e-5, 0.1, 2.0, 60.0])
def test_samples_follow_the_distribution_function(logit):
    torch.manual_seed(0)
    p = ContinuousBernoulli(torch.tensor(logit, dtype=torch.float64))
    draws = p.sample((4000,)).numpy()
    assert (draws >= 0).all() and (draws <= 1).all()

    def cdf(x):
        return x if logit == 0 else np.expm1(logit * x) / np.expm1(logit)

    assert stats.kstest(draws, cdf).pvalue > 1e-3
    assert draws.mean() == pytest.approx(p.mean.item(), abs=5 * draws.std() / 4000**0.5)


def test_a_draw_moves_with_the_logit_as_its_quantile_does():
    torch.manual_seed(0)
    assert ContinuousBernoulli.has_rsample
    logits = torch.full((20000,), 1.5, dtype=torch.float64, requires_grad=True)
    (pathwise,) = torch.autograd.grad(ContinuousBernoulli(logits).rsample().sum(), logits)
    one = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    (exact,) = torch.autograd.grad(ContinuousBernoulli(one).mean, one)
    assert pathwise.mean().item() == pytest.approx(exact.item(), rel=0.02)
