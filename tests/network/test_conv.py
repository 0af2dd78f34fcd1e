"""The convolutional network's own options."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.network import conv
from latentia.network.conv import Conv


@pytest.mark.parametrize("x_shape", [(5,), (4, 4), (1, 1, 4, 4)])
def test_what_is_no_image_is_refused(x_shape):
    with pytest.raises(UsageError, match="mlp"):
        Conv().encoder(x_shape)
    with pytest.raises(UsageError, match="mlp"):
        Conv().decoder(2, (1, *x_shape))


@pytest.mark.parametrize("options", [{"channels": ()}, {"channels": (8, 0)}, {"hidden": 0}])
def test_widths_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError):
        Conv(**options)


def test_an_image_shifted_by_two_pixels_shifts_its_first_features_by_one():
    torch.manual_seed(0)
    first = Conv(channels=(4,), hidden=8).encoder((1, 16, 16)).body[0]
    x = torch.zeros(1, 1, 16, 16)
    x[0, 0, 6, 6] = 1
    there, here = first(torch.roll(x, (2, 2), (2, 3))), first(x)
    torch.testing.assert_close(there[..., 1:, 1:], here[..., :-1, :-1])


def test_more_halvings_than_pixels_end_at_one_pixel():
    network = Conv(channels=(2,) * 6, hidden=4)
    assert network.encoder((1, 5, 3))(torch.rand(2, 1, 5, 3)).shape == (2, 4)
    assert network.decoder(2, (1, 1, 5, 3))(torch.rand(2, 2)).shape == (2, 1, 1, 5, 3)


@pytest.mark.parametrize("size", [(8, 6), (7, 6), (7, 5), (8, 5)])
def test_what_a_gpu_copies_is_what_a_processor_interpolates(size):
    x = torch.randn(2, 3, 4, 3, requires_grad=True)
    expected = torch.nn.functional.interpolate(x, size=size, mode="nearest")
    found = conv._copied(x, size)
    assert torch.equal(found, expected)
    weight = torch.randn_like(found)
    (one,) = torch.autograd.grad((found * weight).sum(), x)
    (other,) = torch.autograd.grad((expected * weight).sum(), x)
    torch.testing.assert_close(one, other)
