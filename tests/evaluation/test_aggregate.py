"""The aggregate posterior: information, mismatch and total correlation against closed forms."""

from math import log

import pytest
import torch
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from latentia import room
from latentia.evaluation.aggregate import aggregate
from latentia.evaluation.bound import bound
from latentia.model import LatentVariableModel
from latentia.posterior.base import Posterior
from latentia.view import Examples, View

N = 2000


class Linear(Posterior):
    """q(z|x) = N(A x, s^2 I)."""

    def __init__(self, matrix, scale):
        super().__init__()
        self.matrix, self.scale = matrix, scale

    def forward(self, x, c=None):
        return Independent(Normal(x @ self.matrix.T, self.scale), 1)


def with_posterior(posterior, dim):
    offer = {"network": room.build("network", "linear"), "x_shape": (dim,), "latent_dim": dim}
    prior = room.build("prior", "standard-normal", latent_dim=dim)
    return LatentVariableModel(posterior, prior, room.build("likelihood", "gaussian", **offer))


def of(matrix, scale=0.5, x=None, samples=4):
    matrix = torch.tensor(matrix)
    dim = len(matrix)
    offer = {"network": room.build("network", "linear"), "x_shape": (dim,), "latent_dim": dim}
    prior = room.build("prior", "standard-normal", latent_dim=dim)
    model = LatentVariableModel(
        Linear(matrix, scale), prior, room.build("likelihood", "gaussian", **offer)
    )
    if x is None:
        x = torch.randn(N, dim, generator=torch.Generator().manual_seed(0))
    return aggregate(model, Examples(x, View("real")), samples=samples)


MATRICES = [[[0.8, 0.0], [0.0, 0.6]], [[0.8, 0.0], [0.7, 0.4]]]


@pytest.mark.parametrize("matrix", MATRICES, ids=["factorized", "correlated"])
def test_every_part_of_a_gaussian_aggregate_is_its_closed_form(matrix):
    """x ~ N(0, I) makes q(z) = N(0, A A^T + s^2 I)."""
    found = of(matrix)
    a = torch.tensor(matrix).double()
    covariance = a @ a.T + 0.25 * torch.eye(2)
    q = MultivariateNormal(torch.zeros(2).double(), covariance)
    prior = MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    assert found.marginal_kl == pytest.approx(kl_divergence(q, prior).item(), abs=0.04)
    information = 0.5 * (covariance.logdet() - 2 * log(0.25)).item()
    assert found.mutual_information == pytest.approx(information, abs=0.05)
    correlation = 0.5 * (covariance.diagonal().log().sum() - covariance.logdet()).item()
    assert found.total_correlation == pytest.approx(correlation, abs=0.02)
    assert (correlation > 0.2) is (matrix is MATRICES[1])


def test_the_parts_sum_to_the_kl_of_the_bound(model, examples):
    found = aggregate(model, examples, seed=3, samples=400)
    assert found.kl == found.mutual_information + found.marginal_kl
    assert found.kl == pytest.approx(bound(model, examples, seed=3).kl, abs=0.02)


def test_examples_that_are_all_the_same_tell_nothing():
    found = of(MATRICES[0], x=torch.ones(300, 2))
    assert found.mutual_information == pytest.approx(0, abs=1e-6)


def test_examples_far_apart_tell_which_they_are():
    found = of(MATRICES[0], scale=1e-3, x=torch.arange(600.0).reshape(300, 2))
    assert found.mutual_information == pytest.approx(log(300), abs=1e-6)


def test_a_posterior_that_does_not_factorize_has_no_total_correlation():
    class Whole(Linear):
        def forward(self, x, c=None):
            return MultivariateNormal(x @ self.matrix.T, self.scale * torch.eye(2))

    matrix = torch.tensor(MATRICES[1])
    offer = {"network": room.build("network", "linear"), "x_shape": (2,), "latent_dim": 2}
    prior = room.build("prior", "standard-normal", latent_dim=2)
    model = LatentVariableModel(
        Whole(matrix, 0.3), prior, room.build("likelihood", "gaussian", **offer)
    )
    assert aggregate(model, Examples(torch.randn(20, 2), View("real"))).total_correlation is None


def test_a_seed_repeats_it(model, examples):
    assert aggregate(model, examples, seed=1) == aggregate(model, examples, seed=1)
    assert aggregate(model, examples, seed=1) != aggregate(model, examples, seed=2)
