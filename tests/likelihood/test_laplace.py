"""The Laplace decoder."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.likelihood.laplace import Laplace
from latentia.network.linear import Linear


def start(mean, std, *, standardized):
    likelihood = Laplace(Linear(), (1,), 2)
    if standardized:
        likelihood.standardize(torch.tensor([mean]), torch.tensor([std]))
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    return likelihood(torch.zeros(1, 2))


@pytest.mark.parametrize("standardized", [True, False])
def test_it_starts_at_the_laplace_of_the_data_s_mean_and_deviation(standardized):
    p = start(30.0, 4.0, standardized=standardized)
    x = torch.tensor([[10.0], [30.0], [35.0]])
    expected = stats.laplace(30.0, 4 / 2**0.5).logpdf(x[:, 0])
    np.testing.assert_allclose(p.log_prob(x).detach(), expected, rtol=1e-5)
    assert p.stddev.item() == pytest.approx(4.0, rel=1e-5)


def test_the_unit_of_measurement_moves_its_nats_by_that_unit_s_logarithm_alone():
    metres = start(30.0, 4.0, standardized=True).log_prob(torch.tensor([[33.0]]))
    feet = start(98.4, 13.12, standardized=True).log_prob(torch.tensor([[33.0 * 3.28]]))
    assert (metres - feet).item() == pytest.approx(np.log(3.28), abs=1e-3)
