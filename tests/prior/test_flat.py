"""No preference: an autoencoder's prior."""

import torch

from latentia.prior.flat import Flat


def test_it_is_improper_and_costs_nothing():
    assert not Flat.is_proper
    assert Flat(2)().log_prob(1e6 * torch.randn(3, 2)).tolist() == [0, 0, 0]
