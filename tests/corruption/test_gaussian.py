import pytest
import torch

from latentia.corruption.gaussian import Gaussian
from latentia.errors import UsageError


@pytest.mark.parametrize("std", [0.1, 0.3, 2.0])
def test_noise_has_mean_zero_and_the_given_deviation(std):
    torch.manual_seed(0)
    x = torch.rand(100, 1000, dtype=torch.float64)
    noise = Gaussian(std=std)(x) - x
    assert abs(noise.mean()) < 5 * std / 1e5**0.5
    assert noise.std() == pytest.approx(std, rel=0.02)


@pytest.mark.parametrize("std", [-0.1, float("nan"), float("inf")])
def test_what_is_no_deviation_is_refused(std):
    with pytest.raises(UsageError, match="std must be a finite number") as caught:
        Gaussian(std=std)
    assert "gaussian" in caught.value.where and caught.value.how
