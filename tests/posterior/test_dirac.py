"""The autoencoder's encoder: a point, and no density."""

import torch

from latentia.distribution.dirac import Dirac as Point
from latentia.network.mlp import MLP
from latentia.posterior.dirac import Dirac


def test_it_is_a_point_mass_that_bounds_nothing():
    q = Dirac(MLP(hidden=(4,)), (3,), 2)(torch.rand(5, 3))
    assert isinstance(q, Point)
    assert not Dirac.has_density
    assert torch.equal(q.rsample((2,))[0], q.mean)
