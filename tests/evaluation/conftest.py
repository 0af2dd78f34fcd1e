"""A small untrained model of 6 pixels, and examples that every read binarizes anew."""

import pytest
import torch

from latentia import room
from latentia.model import LatentVariableModel
from latentia.view import Examples, View


def build(posterior="gaussian", prior="standard-normal", likelihood="bernoulli", dropout=0.0):
    torch.manual_seed(0)
    network = room.build("network", {"name": "mlp", "hidden": (8,), "dropout": dropout})
    offer = {"network": network, "x_shape": (6,), "latent_dim": 2}
    parts = {"posterior": posterior, "prior": prior, "likelihood": likelihood}
    model = LatentVariableModel(*(room.build(k, v, **offer) for k, v in parts.items()))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model


@pytest.fixture
def make():
    return build


@pytest.fixture
def model():
    return build()


@pytest.fixture
def examples():
    """130 grey examples: more than one chunk of importance sampling, an odd last one."""
    generator = torch.Generator().manual_seed(0)
    stored = torch.randint(0, 256, (130, 6), dtype=torch.uint8, generator=generator)
    return Examples(stored, View("bytes", "dynamic"))
