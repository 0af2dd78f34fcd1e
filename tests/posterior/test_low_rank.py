"""The encoder with a few directions of correlation."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.posterior.low_rank import LowRank


def test_the_covariance_is_the_diagonal_s_and_one_of_its_rank():
    torch.manual_seed(0)
    posterior = LowRank(room.build("network", "linear"), (5,), 4, rank=2)
    q = posterior(torch.randn(3, 5))
    scale = q.cov_diag.sqrt()
    whitened = q.covariance_matrix / scale[:, :, None] / scale[:, None, :]
    rest = torch.linalg.eigvalsh(whitened - torch.eye(4))
    assert (rest[:, :2].abs() < 1e-4).all() and (rest[:, 2:] > 1e-3).all()


@pytest.mark.parametrize("rank", [0, 3])
def test_a_rank_that_cannot_be_is_refused(rank, says):
    with pytest.raises(UsageError) as caught:
        LowRank(room.build("network", "linear"), (5,), 2, rank=rank)
    says(caught.value, f"rank of {rank}", "where:", "mend:")
