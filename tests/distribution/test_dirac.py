"""The point mass: all draws are the point, and no other point is possible."""

import torch

from latentia.distribution.dirac import Dirac
from latentia.distribution.divergence import closed_form_kl
from latentia.distribution.flat import Flat

POINT = torch.tensor([[1.0, -2.0], [0.0, 3.0]])


def test_every_draw_is_the_point_and_carries_its_gradient():
    loc = POINT.clone().requires_grad_()
    draws = Dirac(loc).rsample((5,))
    assert draws.shape == (5, 2, 2)
    assert (draws == POINT).all()
    draws.sum().backward()
    assert (loc.grad == 5).all()


def test_the_point_has_log_prob_zero_and_any_other_minus_infinity():
    q = Dirac(POINT)
    assert q.log_prob(POINT).tolist() == [0, 0]
    assert q.log_prob(POINT + torch.tensor([0.0, 1e-3])).tolist() == [-torch.inf, -torch.inf]
    assert q.log_prob(POINT.expand(3, 2, 2)).shape == (3, 2)


def test_it_has_no_variance():
    q = Dirac(POINT)
    assert (q.mean == POINT).all() and (q.variance == 0).all()


def test_no_preference_costs_nothing():
    kl = closed_form_kl(Dirac(POINT), Flat(2))
    assert kl.total.tolist() == [0, 0]
    assert kl.per_dim is None
