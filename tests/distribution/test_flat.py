"""No preference: 0 nats everywhere, and nothing to draw from."""

import pytest
import torch

from latentia.distribution.flat import Flat
from latentia.errors import RunError


def test_every_point_is_as_good_as_any_other():
    z = torch.randn(4, 3, 2) * 1e3
    assert (Flat(2).log_prob(z) == torch.zeros(4, 3)).all()


def test_it_refuses_to_be_sampled():
    with pytest.raises(RunError, match="no prior"):
        Flat(2).sample((3,))
