"""The ordinal decoder."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentia.errors import UsageError
from latentia.likelihood.ordinal import Ordinal
from latentia.network.linear import Linear


@pytest.mark.parametrize("mean", [0.3, 2.0, 3.6])
def test_it_starts_at_the_mean_of_the_codes(mean):
    likelihood = Ordinal(Linear(), (1,), 2, classes=5)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([0.8]))
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(mean, abs=1e-3)


def test_its_classes_are_pieces_of_a_logistic():
    likelihood = Ordinal(Linear(), (1,), 2, classes=4)
    with torch.no_grad():
        likelihood.bias.fill_(0.7)
        likelihood.log_gaps.copy_(torch.tensor([[0.2, -1.0]]))
    edges = np.concatenate([[-np.inf], [0.0], np.exp([0.2, -1.0]).cumsum(), [np.inf]])
    expected = np.diff(stats.logistic(loc=0.7).cdf(edges))
    p = likelihood(torch.zeros(1, 2)).log_prob(torch.arange(4.0)[:, None]).exp()
    np.testing.assert_allclose(p.detach(), expected, rtol=1e-5)


def test_moving_f_moves_every_cell_up_the_scale():
    likelihood = Ordinal(Linear(), (1,), 2, classes=4)
    means = []
    for place in (-5.0, 0.0, 1.0, 5.0):
        with torch.no_grad():
            likelihood.bias.fill_(place)
        means.append(likelihood(torch.zeros(1, 2)).mean.item())
    assert means == sorted(means) and means[0] < 0.1 and means[-1] > 2.8


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = Ordinal(Linear(), (4,), 2, classes=5)
    with torch.no_grad():
        likelihood.bias.fill_(number)
        likelihood.log_gaps.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([0.0, 1.0, 3.0, 4.0]))
    value.sum().backward()
    assert value.isfinite().all()
    assert all(p.grad.isfinite().all() for p in likelihood.parameters())


def test_two_classes_have_no_order():
    with pytest.raises(UsageError, match="no order"):
        Ordinal(Linear(), (2,), 2, classes=2)
