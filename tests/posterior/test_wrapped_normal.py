"""The encoder into hyperbolic space."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.network.mlp import MLP
from latentia.posterior.wrapped_normal import WrappedNormal


@pytest.mark.parametrize("curvature", [0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_curvature_is_refused(curvature):
    with pytest.raises(UsageError, match="positive number"):
        WrappedNormal(MLP(hidden=(4,)), (5,), 2, curvature=curvature)


def test_means_stay_where_numbers_can_tell_them_apart():
    posterior = WrappedNormal(MLP(hidden=(4,)), (5,), 2, curvature=4.0)
    with torch.no_grad():
        posterior.head.weight.mul_(1e4)
    q = posterior(torch.randn(50, 5))
    assert (q.loc.norm(dim=-1) <= 4.0 + 1e-5).all()
    assert q.log_prob(q.rsample((3,))).isfinite().all()
