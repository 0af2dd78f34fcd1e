"""The standard normal against scipy."""

import torch
from scipy import stats

from latentia.prior.standard_normal import StandardNormal


def test_log_density_is_scipy_s():
    z = torch.randn(5, 3)
    expected = stats.norm.logpdf(z.numpy()).sum(-1)
    torch.testing.assert_close(StandardNormal(3)().log_prob(z), torch.tensor(expected).float())


def test_it_has_nothing_to_learn_or_to_save():
    prior = StandardNormal(3)
    assert not list(prior.parameters()) and not prior.state_dict()
