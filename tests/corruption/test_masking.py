import pytest
import torch

from latentia.corruption.masking import Masking
from latentia.errors import UsageError


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_values_are_blanked_at_the_rate_and_else_kept(rate):
    torch.manual_seed(0)
    x = torch.rand(100, 1000) + 1
    noisy = Masking(rate=rate)(x)
    blank = noisy == 0
    assert abs(blank.double().mean() - rate) < 5 * (rate * (1 - rate) / 1e5) ** 0.5
    assert torch.equal(noisy[~blank], x[~blank])


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(rate):
    with pytest.raises(UsageError, match="rate must be a probability") as caught:
        Masking(rate=rate)
    assert "masking" in caught.value.where and caught.value.how
