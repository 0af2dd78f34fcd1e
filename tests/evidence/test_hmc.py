"""Hamiltonian Monte Carlo leaves its target as it is: exact draws stay exact draws."""

import math

import pytest
import torch
from scipy import stats
from torch.distributions import Independent, MultivariateNormal, Normal

from latentia.evidence._hmc import Path, transition
from latentia.evidence.exact import linear_gaussian


def target(model, x, b):
    """Return f_b of x (1, D) for a path from the prior: a posterior under more noise."""
    known = linear_gaussian(model)
    return known._replace(variance=known.variance / b).posterior(x)


@pytest.fixture
def path(small):
    x = torch.tensor([[0.5, -1.0, 2.0, 0.3]]).double()
    return Path(small, x, small.prior())


@pytest.mark.parametrize("b", [0.1, 0.5, 1.0])
def test_exact_draws_stay_exact_draws(path, b):
    f = target(path.model, path.x, b)
    torch.manual_seed(0)
    state = path.at(f.sample((3000,)))
    step, rates = torch.tensor([[0.9, 0.6]]).double() * f.stddev, []
    for _ in range(6):
        state, accept = transition(path, state, b, step, 3)
        rates.append(accept.mean())
    # A step so long that a sampler without its acceptance would be seen.
    assert 0.5 < sum(rates) / 6 < 0.97
    white = torch.linalg.solve(f.scale_tril[0], (state.z[:, 0] - f.mean[0]).T)
    for each in white:
        assert stats.kstest(each.numpy(), "norm").pvalue > 1e-3
    torch.testing.assert_close(white @ white.T / 3000, torch.eye(2).double(), atol=0.1, rtol=0)


def test_draws_from_elsewhere_come_to_the_target(path):
    f = target(path.model, path.x, 1.0)
    torch.manual_seed(0)
    state = path.at(f.mean + 4 * torch.randn(2000, 1, 2).double())
    for _ in range(30):
        state, _ = transition(path, state, 1.0, 0.7 * f.stddev, 3)
    white = torch.linalg.solve(f.scale_tril[0], (state.z[:, 0] - f.mean[0]).T)
    assert all(stats.kstest(each.numpy(), "norm").pvalue > 1e-3 for each in white)


def test_a_path_from_q_keeps_what_lies_between(small):
    """The product of q^(1-b) and p(x, z)^b is Gaussian, of the mixed precisions."""
    x, b = torch.zeros(1, 4).double(), 0.4
    q = Independent(Normal(torch.tensor([[1.0, -1.0]]).double(), 0.5), 1)
    end = target(small, x, 1.0)
    precision = (1 - b) * q.variance.diag_embed().inverse() + b * end.precision_matrix
    pull = (1 - b) * q.mean / q.variance + b * (end.precision_matrix @ end.mean[..., None])[..., 0]
    f = MultivariateNormal((precision.inverse() @ pull[..., None])[..., 0], precision.inverse())
    path = Path(small, x, q)
    torch.manual_seed(1)
    state = path.at(f.sample((3000,)))
    for _ in range(5):
        state, _ = transition(path, state, b, 0.7 * f.stddev, 3)
    white = torch.linalg.solve(f.scale_tril[0], (state.z[:, 0] - f.mean[0]).T)
    assert all(stats.kstest(each.numpy(), "norm").pvalue > 1e-3 for each in white)


def test_a_state_knows_its_densities_and_their_slopes(path):
    z = torch.randn(7, 1, 2).double()
    state = path.at(z)
    torch.testing.assert_close(state.log_start, -0.5 * z.square().sum(-1) - math.log(2 * math.pi))
    torch.testing.assert_close(state.grad_start, -z)
    assert state.log_joint.dtype == torch.float64 and not state.log_joint.requires_grad
    h = 1e-6
    for axis in range(2):
        moved = z.clone()
        moved[..., axis] += h
        slope = (path.at(moved).log_joint - state.log_joint) / h
        torch.testing.assert_close(state.grad_joint[..., axis], slope, atol=1e-4, rtol=1e-4)


def test_short_steps_are_all_taken_and_endless_ones_none(path):
    state = path.draw(200)
    for step, rate in ((1e-4, 1.0), (1e6, 0.0), (1e30, 0.0), (1e38, 0.0)):
        moved, accept = transition(
            path, state, 1.0, torch.full((1, 2), step, dtype=torch.float64), 9
        )
        torch.testing.assert_close(accept, torch.full_like(accept, rate), atol=1e-3, rtol=0)
        stayed = (moved.z == state.z).all(-1)
        assert stayed.all() if rate == 0 else not stayed.any()
        assert all(part.isfinite().all() for part in moved)


def test_chains_move_alone(path):
    """Every chain has its own momentum, length of step and acceptance."""
    f = target(path.model, path.x, 1.0)
    z = f.sample().expand(50, 1, 2)
    moved, accept = transition(path, path.at(z), 1.0, f.stddev, 2)
    assert (accept.unique() < 1).sum() > 10
    assert len(moved.z[..., 0].unique()) == 1 + (moved.z != z).any(-1).sum()
    assert len(moved.z[..., 0].unique()) > 20
