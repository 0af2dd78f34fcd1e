"""The contract of the network room: two halves for any shape that it accepts."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError

IMAGES = [(1, 1, 1), (1, 7, 5), (3, 9, 4), (1, 28, 28), (3, 28, 28)]
SHAPES = [(1,), (5,), *IMAGES]


def halves(member, x_shape, numbers=2):
    """Return encoder and decoder, or nothing where the network wants images and has none."""
    torch.manual_seed(0)
    network = room.build("network", member)
    try:
        return network.encoder(x_shape), network.decoder(3, (numbers, *x_shape))
    except UsageError:
        assert x_shape not in IMAGES, "every network takes images"
        return None


@pytest.mark.parametrize("x_shape", SHAPES, ids=str)
def test_the_encoder_flattens_and_the_decoder_gives_numbers_for_every_dimension(member, x_shape):
    if built := halves(member, x_shape):
        encoder, decoder = built
        assert encoder(torch.rand(4, *x_shape)).shape == (4, encoder.out_features)
        assert decoder(torch.randn(4, 3)).shape == (4, 2, *x_shape)


@pytest.mark.parametrize("x_shape", SHAPES, ids=str)
def test_every_weight_has_a_gradient(member, x_shape):
    if built := halves(member, x_shape):
        inputs = torch.rand(9, *x_shape), torch.randn(9, 3)
        for half, argument in zip(built, inputs, strict=True):
            half(argument.requires_grad_()).square().sum().backward()
            assert argument.grad.isfinite().all() and argument.grad.any()
            for name, parameter in half.named_parameters():
                assert parameter.grad is not None, name
                assert parameter.grad.isfinite().all() and parameter.grad.any(), name


@pytest.mark.parametrize("x_shape", SHAPES, ids=str)
def test_an_untrained_decoder_says_next_to_nothing(member, x_shape):
    if built := halves(member, x_shape):
        out = built[1](torch.randn(50, 3))
        assert 0 < out.abs().max() < 0.1


@pytest.mark.parametrize("x_shape", SHAPES, ids=str)
def test_examples_do_not_see_each_other(member, x_shape):
    if built := halves(member, x_shape):
        encoder, decoder = (half.eval() for half in built)
        x, z = torch.rand(4, *x_shape), torch.randn(4, 3)
        torch.testing.assert_close(encoder(x)[1:2], encoder(x[1:2]))
        torch.testing.assert_close(decoder(z)[1:2], decoder(z[1:2]))


def test_each_call_makes_fresh_weights(member):
    network = room.build("network", member)
    one, other = network.decoder(3, (1, 1, 4, 4)), network.decoder(3, (1, 1, 4, 4))
    shared = {id(p) for p in one.parameters()} & {id(p) for p in other.parameters()}
    assert list(one.parameters()) and not shared
