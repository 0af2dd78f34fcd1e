"""The multilayer perceptron's own options."""

import pytest
import torch
from torch import nn

from latentia.errors import UsageError
from latentia.network.mlp import MLP


def kinds(module, *types):
    return [type(m) for m in module.modules() if isinstance(m, types)]


def test_the_decoder_mirrors_widths_and_activations():
    network = MLP(hidden=(7, 4), activation="elu,tanh")
    encoder, decoder = network.encoder((3, 2)), network.decoder(2, (1, 3, 2))
    widths = [m.out_features for m in encoder.modules() if isinstance(m, nn.Linear)]
    assert widths == [7, 4] and encoder.out_features == 4
    widths = [m.out_features for m in decoder.modules() if isinstance(m, nn.Linear)]
    assert widths == [4, 7, 6]
    assert kinds(encoder, nn.ELU, nn.Tanh) == [nn.ELU, nn.Tanh]
    assert kinds(decoder, nn.ELU, nn.Tanh) == [nn.Tanh, nn.ELU]


def test_the_last_layer_has_no_bias_since_the_likelihood_has_one():
    assert list(MLP(hidden=(4,)).decoder(2, (1, 3)).modules())[-2].bias is None


def test_without_hidden_layers_it_is_linear():
    network = MLP(hidden=())
    assert network.encoder((3, 2)).out_features == 6
    z = torch.randn(5, 2)
    decoder = network.decoder(2, (1, 3))
    torch.testing.assert_close(decoder(2 * z), 2 * decoder(z))


def test_dropout_acts_in_training_alone():
    encoder, x = MLP(hidden=(50,), dropout=0.5).encoder((3,)), torch.rand(4, 3)
    assert not torch.equal(encoder(x), encoder(x))
    encoder.eval()
    assert torch.equal(encoder(x), encoder(x))


@pytest.mark.parametrize(
    "options",
    [
        {"hidden": (0,)},
        {"hidden": (4, 4, 4), "activation": "relu,relu"},
        {"dropout": 1.0},
        {"dropout": -0.1},
    ],
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError):
        MLP(**options)


def test_an_unknown_activation_is_refused_with_the_ones_there_are():
    with pytest.raises(UsageError, match="silu"):
        MLP(hidden=(4,), activation="swoosh").encoder((3,))
