"""The categorical decoder."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.likelihood.categorical import Categorical
from latentia.network.linear import Linear


@pytest.mark.parametrize("mean", [0.3, 2.0, 3.6])
def test_it_starts_at_the_mean_of_the_codes(mean):
    likelihood = Categorical(Linear(), (1,), 2, classes=5)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([0.8]))
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(mean, abs=1e-3)


def test_a_class_that_was_never_there_is_impossible():
    p = Categorical(Linear(), (2,), 2, classes=5)(torch.zeros(1, 2))
    assert p.log_prob(torch.tensor([[1.0, 5.0]])).item() == -torch.inf


def test_one_class_is_no_choice():
    with pytest.raises(UsageError, match="nothing to choose"):
        Categorical(Linear(), (2,), 2, classes=1)
