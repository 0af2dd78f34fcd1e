"""The gated multilayer perceptron."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.network.gated import GatedMLP


def test_a_unit_is_its_value_times_its_gate():
    encoder, x = GatedMLP(hidden=(4,)).encoder((3,)), torch.randn(5, 3)
    linear = encoder.body[1]
    both = x @ linear.weight.T + linear.bias
    torch.testing.assert_close(encoder(x), both[:, :4] * both[:, 4:].sigmoid())


def test_the_decoder_mirrors_the_widths():
    network = GatedMLP(hidden=(7, 4))
    assert network.encoder((5,)).out_features == 4
    widths = [m.out_features for m in network.decoder(2, (1, 5)) if hasattr(m, "out_features")]
    assert widths == [8, 14, 5]


@pytest.mark.parametrize("hidden", [(), (0,), (4, -1)])
def test_widths_that_cannot_be_are_refused(hidden):
    with pytest.raises(UsageError, match="hidden"):
        GatedMLP(hidden=hidden)
