"""One matrix each way."""

import torch

from latentia.network.linear import Linear


def test_the_decoder_is_a_matrix_and_nothing_else():
    decoder = Linear().decoder(2, (1, 3, 4))
    (matrix,) = decoder.parameters()
    assert matrix.shape == (12, 2)
    z = torch.randn(5, 2)
    torch.testing.assert_close(decoder(z).flatten(1), z @ matrix.T)


def test_the_encoder_passes_x_on():
    x = torch.randn(5, 3, 4)
    assert torch.equal(Linear().encoder((3, 4))(x), x.flatten(1))
