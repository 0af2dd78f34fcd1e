"""The discretized logistic against enumeration of its 256 levels and scipy's logistic."""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.distribution.discretized_logistic import DiscretizedLogistic

LEVELS = torch.arange(256, dtype=torch.float64) / 255
CASES = list(itertools.product([-0.7, 0.0, 0.31, 1.0, 1.4], [-7.0, -4.0, -2.0, 0.0, 2.0]))


def make(loc, log_scale, dtype=torch.float64):
    return DiscretizedLogistic(
        torch.tensor(loc, dtype=dtype), torch.tensor(log_scale, dtype=dtype)
    )


@pytest.mark.parametrize(("loc", "log_scale"), CASES)
def test_the_256_levels_sum_to_one_even_in_float32(loc, log_scale):
    p = make(loc, log_scale, torch.float32)
    total = p.log_prob(LEVELS.float()).double().exp().sum().item()
    assert total == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("loc", "log_scale"), CASES)
def test_probabilities_are_differences_of_the_logistic_cdf(loc, log_scale):
    edges = np.concatenate([[-np.inf], (np.arange(255) + 0.5) / 255, [np.inf]])
    logistic = stats.logistic(loc, np.exp(log_scale))
    upper = logistic.sf(edges[:-1]) - logistic.sf(edges[1:])
    lower = logistic.cdf(edges[1:]) - logistic.cdf(edges[:-1])
    expected = np.where(edges[:-1] > loc, upper, lower)  # the form without cancellation
    found = make(loc, log_scale).log_prob(LEVELS).exp().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize(("loc", "log_scale"), CASES)
def test_mean_is_that_of_the_levels(loc, log_scale):
    p = make(loc, log_scale)
    enumerated = (p.log_prob(LEVELS).exp() * LEVELS).sum()
    torch.testing.assert_close(p.mean, enumerated, rtol=0, atol=1e-10)


class Mean(torch.nn.Module):
    def forward(self, loc, log_scale):
        return DiscretizedLogistic(loc, log_scale).mean


def test_as_a_graph_the_mean_is_the_same_in_few_steps():
    given = tuple(torch.tensor(CASES, dtype=torch.float64).T)
    graph = torch.export.export(Mean(), given)
    assert len(graph.graph.nodes) < 150
    torch.testing.assert_close(graph.module()(*given), Mean()(*given), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("loc", "log_scale"), [(0.4, -5.5), (0.02, -3.0), (0.9, -1.0)])
def test_samples_have_the_probabilities_of_their_levels(loc, log_scale):
    torch.manual_seed(0)
    p, n = make(loc, log_scale), 20_000
    drawn = p.sample((n,)) * 255
    torch.testing.assert_close(drawn, drawn.round(), rtol=0, atol=1e-9)
    observed = np.bincount(drawn.round().long().numpy(), minlength=256)
    expected = p.log_prob(LEVELS).exp().numpy() * n
    frequent = expected >= 5
    assert observed[~frequent].sum() <= 2 * expected[~frequent].sum() + 20
    seen, due = observed[frequent], expected[frequent]
    assert stats.chisquare(seen, due * seen.sum() / due.sum()).pvalue > 1e-3


@pytest.mark.parametrize("log_scale", [-20.0, -7.0, 0.0, 2.0, 16.0])
@pytest.mark.parametrize("loc", [-5.0, 0.5, 6.0])
def test_values_and_gradients_are_finite_at_extremes(loc, log_scale):
    m = torch.full((256,), loc, requires_grad=True)
    s = torch.full((256,), log_scale, requires_grad=True)
    value = DiscretizedLogistic(m, s).log_prob(LEVELS.float())
    value.sum().backward()
    assert value.isfinite().all() and (value <= 0).all()
    assert m.grad.isfinite().all() and s.grad.isfinite().all()


def test_gradients_agree_with_finite_differences():
    loc = torch.tensor([0.2, 0.5, 0.5, 1.1], dtype=torch.float64, requires_grad=True)
    log_scale = torch.tensor([-3.0, -6.0, 0.0, -2.0], dtype=torch.float64, requires_grad=True)
    x = LEVELS[[0, 128, 200, 255]]
    assert torch.autograd.gradcheck(
        lambda m, s: DiscretizedLogistic(m, s).log_prob(x), (loc, log_scale)
    )
