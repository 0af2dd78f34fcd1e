"""Leaving out a cell is marginalizing it, and what stands in it is never read."""

import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal

from latentia.distribution.masked import Masked


def base(shape=(4, 3), event_dims=1):
    torch.manual_seed(0)
    loc = torch.randn(shape, dtype=torch.float64).requires_grad_()
    scale = (torch.rand(shape, dtype=torch.float64) + 0.5).requires_grad_()
    return loc, scale, Independent(Normal(loc, scale), event_dims)


def test_equals_the_marginal_of_the_joint():
    loc, scale, p = base((3,))
    joint = MultivariateNormal(loc, torch.diag(scale**2))
    seen = torch.tensor([True, False, True])
    kept = seen.nonzero().squeeze(1)
    marginal = MultivariateNormal(joint.mean[kept], joint.covariance_matrix[kept][:, kept])
    x = torch.tensor([0.3, torch.nan, -1.0], dtype=torch.float64)
    torch.testing.assert_close(Masked(p, seen).log_prob(x), marginal.log_prob(x[kept]))


def test_equals_the_integral_over_the_missing_cell():
    _, _, p = base((2,))
    grid = torch.linspace(-15, 15, 4001, dtype=torch.float64)
    completed = torch.stack([torch.full_like(grid, 0.4), grid], -1)
    integral = torch.trapezoid(p.log_prob(completed).exp(), grid).log()
    found = Masked(p, torch.tensor([True, False])).log_prob(
        torch.tensor([0.4, torch.nan], dtype=torch.float64)
    )
    torch.testing.assert_close(found, integral)


@pytest.mark.parametrize("content", [torch.nan, torch.inf, -7.0])
def test_an_unobserved_cell_gives_no_value_and_no_gradient(content):
    loc, scale, p = base((4, 3))
    x = torch.zeros(4, 3, dtype=torch.float64)
    x[1, 2] = content
    seen = torch.ones(4, 3, dtype=torch.bool)
    seen[1, 2] = False
    value = Masked(p, seen).log_prob(x)
    value.sum().backward()
    assert value.isfinite().all()
    assert loc.grad[1, 2] == 0 and scale.grad[1, 2] == 0
    assert loc.grad.isfinite().all() and scale.grad.isfinite().all()
    assert (loc.grad != 0).sum() == 11


def test_with_nothing_missing_it_is_the_distribution_itself():
    _, _, p = base((2, 5, 3, 4), event_dims=2)
    x = torch.randn(2, 5, 3, 4, dtype=torch.float64)
    seen = torch.ones(3, 4, dtype=torch.bool)
    torch.testing.assert_close(Masked(p, seen).log_prob(x), p.log_prob(x))
    assert (Masked(p, seen).mean == p.mean).all()
    assert Masked(p, seen).sample((6,)).shape == (6, 2, 5, 3, 4)


def test_with_everything_missing_the_log_density_is_zero():
    _, _, p = base((4, 3))
    nothing = Masked(p, torch.zeros(3, dtype=torch.bool))
    assert nothing.log_prob(torch.full((4, 3), torch.nan)).tolist() == [0, 0, 0, 0]
