"""Closed-form KLs of Gaussians with correlations, against torch's between full ones."""

import pytest
import torch
from torch.distributions import (
    Independent,
    Laplace,
    LowRankMultivariateNormal,
    MultivariateNormal,
    Normal,
    kl_divergence,
)

from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.gaussian import correlated_kl

torch.manual_seed(0)
LOC = torch.randn(4, 3).double()
TRIANGLE = torch.randn(4, 3, 3).double().tril(-1) + torch.diag_embed(torch.rand(4, 3) + 0.2)
PRIORS = [
    Independent(Normal(torch.zeros(3).double(), torch.ones(3).double()), 1),
    Independent(Normal(torch.randn(3).double(), torch.rand(3).double() + 0.5), 1),
]


@pytest.mark.parametrize("p", PRIORS, ids=["standard", "other"])
@pytest.mark.parametrize("kind", ["full", "low rank"])
def test_it_is_the_kl_between_the_same_full_gaussians(p, kind):
    q = MultivariateNormal(LOC, scale_tril=TRIANGLE)
    if kind == "low rank":
        q = LowRankMultivariateNormal(LOC, TRIANGLE[..., :1], TRIANGLE.diagonal(0, 1, 2) ** 2)
    same = MultivariateNormal(LOC, q.covariance_matrix)
    expected = kl_divergence(same, MultivariateNormal(p.mean, torch.diag(p.variance)).expand((4,)))
    torch.testing.assert_close(kl_divergence(q, p), expected)
    torch.testing.assert_close(closed_form_kl(q, p).total, expected)
    assert closed_form_kl(q, p).per_dim is None


def test_of_a_diagonal_one_it_is_that_of_independent_normals():
    scale = TRIANGLE.diagonal(0, 1, 2)
    q = MultivariateNormal(LOC, scale_tril=torch.diag_embed(scale))
    expected = kl_divergence(Independent(Normal(LOC, scale), 1), PRIORS[1])
    torch.testing.assert_close(correlated_kl(q, PRIORS[1]), expected)


def test_from_what_is_not_normal_there_is_none():
    q = MultivariateNormal(LOC, scale_tril=TRIANGLE)
    laplace = Independent(Laplace(torch.zeros(3).double(), torch.ones(3).double()), 1)
    assert closed_form_kl(q, laplace) == (None, None)
