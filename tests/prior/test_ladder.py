"""The prior of a ladder; `contract/test_ladder.py` holds it against theory."""

import pytest
import torch
from tests.ladders import SMALL, built, known


@pytest.fixture
def two():
    return known()


def test_a_draw_is_narrower_the_lower_the_temperature():
    model, _ = built(SMALL)
    p = model.prior()
    torch.manual_seed(0)
    spread = [p.sample((500,), temperature=t).std(0).mean() for t in (0.0, 0.5, 1.0)]
    assert spread[0] < 1e-6 < spread[1] < spread[2]


def test_the_second_group_depends_on_the_first(two):
    model, _ = two
    p = model.prior()
    z = torch.tensor([[0.0, 0.5], [2.0, 0.5]]).double()
    grouped = p.log_prob(z) - p.log_prob(z * torch.tensor([1.0, 0.0]))
    assert abs(grouped[0] - grouped[1]) > 1e-3
