"""The architecture of a ladder: its shapes, and what it refuses."""

import pytest
import torch

from latentia.data import Data
from latentia.design import Wishes, decide
from latentia.errors import UsageError
from latentia.network.ladder import Ladder


@pytest.mark.parametrize(("x_shape", "sizes"), [
    ((1, 28, 28), [(4, 4), (7, 7), (14, 14)]), ((3, 256, 256), [(32, 32), (64, 64), (128, 128)]),
    ((1, 1, 1), [(1, 1), (1, 1), (1, 1)]), ((3, 9, 4), [(2, 1), (3, 1), (5, 2)]),
])  # fmt: skip
def test_scales_halve_from_the_finest(x_shape, sizes):
    plan = Ladder(groups=(1, 2, 3), width=2).plan(x_shape)
    assert plan.sizes == sizes
    assert len(plan.shapes) == 6 and plan.shapes[0] == (2, *sizes[0])
    assert plan.latents == sum(2 * k * h * w for k, (h, w) in zip((1, 2, 3), sizes, strict=True))


@pytest.mark.parametrize("x_shape", [(1, 28, 28), (3, 9, 4), (1, 1, 1)])
def test_it_decodes_to_the_shape_of_the_image_and_encodes_to_its_coarsest_map(x_shape):
    network = Ladder(groups=(1, 1, 1), channels=4)
    latents = network.latents(x_shape)
    decoder = network.decoder(latents, (2, *x_shape))
    assert decoder(torch.randn(3, latents)).shape == (3, 2, *x_shape)
    encoder = network.encoder(x_shape)
    assert encoder(torch.randn(3, *x_shape)).shape == (3, encoder.out_features)


@pytest.mark.parametrize("options", [
    {"groups": ()}, {"groups": (1, 0)}, {"width": 0}, {"channels": 0}, {"patch": 0},
    {"blocks": -1},
])  # fmt: skip
def test_what_is_no_ladder_is_refused(options):
    with pytest.raises(UsageError, match="cannot have"):
        Ladder(**options)


def test_other_numbers_of_latents_are_not_decoded():
    with pytest.raises(UsageError, match="not 3"):
        Ladder().decoder(3, (1, 1, 28, 28))


def test_a_table_and_conditions_are_refused():
    with pytest.raises(UsageError, match="needs images"):
        decide(Data.from_array(torch.randn(20, 3).numpy()).schema, Wishes(network="ladder"))
    images = Data.from_array(torch.eye(16).reshape(16, 4, 4).numpy(), ["a", "b"] * 8)
    with pytest.raises(UsageError, match="no conditions"):
        decide(images.under(["label"]).schema, Wishes(network="ladder"))
