"""The KL led to a value."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.capacity import Capacity


def make_terms(kl):
    one = torch.zeros(1, 4)
    return Terms(one - 3, one, one, torch.tensor(kl), None)


def test_the_batch_s_mean_is_held_and_no_single_example_is():
    objective = Capacity(capacity=5.0, gamma=10.0)
    torch.testing.assert_close(objective(make_terms([2.0, 8.0, 5.0, 5.0])), torch.full((4,), -3.0))
    torch.testing.assert_close(objective(make_terms([6.0] * 4)), torch.full((4,), -13.0))
    torch.testing.assert_close(objective(make_terms([4.0] * 4)), torch.full((4,), -13.0))


def test_c_rises_linearly_and_then_stays():
    objective = Capacity(capacity=20.0, rise=10.0)
    assert [objective.at(epoch) for epoch in (0.0, 2.5, 10.0, 99.0)] == [0.0, 5.0, 20.0, 20.0]
    assert objective.settles == 10.0
    assert Capacity(capacity=20.0, rise=0.0).at(0.0) == 20.0
    at = objective(make_terms([5.0] * 4), 2.5)
    torch.testing.assert_close(at, torch.full((4,), -3.0))


@pytest.mark.parametrize("name", ["capacity", "rise", "gamma"])
def test_what_is_negative_or_no_number_is_refused(name):
    for value in (-1.0, float("nan"), float("inf")):
        with pytest.raises(UsageError, match=name):
            Capacity(**{name: value})
