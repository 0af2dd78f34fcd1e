import pytest
import torch

from latentia.corruption.salt_and_pepper import SaltAndPepper
from latentia.errors import UsageError


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.8])
def test_salt_and_pepper_come_evenly_at_the_rate(rate):
    torch.manual_seed(0)
    noisy = SaltAndPepper(rate=rate)(torch.full((100, 1000), 0.5))
    salt, pepper = (noisy == 1).double().mean(), (noisy == 0).double().mean()
    error = 5 * (rate / 2 * (1 - rate / 2) / 1e5) ** 0.5  # five standard errors
    assert abs(salt - rate / 2) < error and abs(pepper - rate / 2) < error
    assert ((noisy == 0) | (noisy == 0.5) | (noisy == 1)).all()


def test_the_share_of_salt_can_be_chosen():
    torch.manual_seed(0)
    noisy = SaltAndPepper(rate=0.75, salt=2 / 3)(torch.full((100, 1000), 0.5))
    assert abs((noisy == 1).double().mean() - 0.5) < 0.01
    assert abs((noisy == 0).double().mean() - 0.25) < 0.01


def test_the_whole_can_be_damaged():
    noisy = SaltAndPepper(rate=1.0)(torch.full((10, 100), 0.5))
    assert ((noisy == 0) | (noisy == 1)).all()


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(rate):
    with pytest.raises(UsageError, match="rate must be a probability") as caught:
        SaltAndPepper(rate=rate)
    assert "salt-and-pepper" in caught.value.where and caught.value.how
