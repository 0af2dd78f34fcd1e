"""The contract of features: one vector for each image, of that image alone."""

import numpy as np
import pytest
import torch
from safetensors import safe_open

from latentia import room
from latentia.feature._classifier import WEIGHTS


@pytest.fixture
def x():
    """600 images of more than one chunk: strokes of several places and greys."""
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(600, 1, 28, 28)
    for i, image in enumerate(x):
        image[0, 4 + i % 20 : 8 + i % 20, 5 + i % 7 : 20] = 0.5 + (i % 5) / 10
    return (x + 0.1 * torch.rand(x.shape, generator=generator)).clamp(0, 1)


def extract_of(member, x):
    return room.build("feature", member).of(x)


def test_one_vector_of_finite_numbers_for_each_image(member, x):
    found = extract_of(member, x)(x)
    assert found.ndim == 2 and len(found) == 600 and found.dtype == np.float64
    assert np.isfinite(found).all()
    assert len(np.unique(found.round(6), axis=0)) == 600


def test_a_vector_is_that_of_its_image_whatever_stands_beside(member, x):
    extract = extract_of(member, x)
    whole = extract(x)
    order = torch.randperm(600, generator=torch.Generator().manual_seed(1))
    scale = np.abs(whole).max()
    assert extract(x[order]) == pytest.approx(whole[order], abs=1e-5 * scale)
    assert extract(x[7:9]) == pytest.approx(whole[7:9], abs=1e-5 * scale)


def test_it_is_the_same_every_time_and_leaves_images_and_randomness_alone(member, x):
    before, state = x.clone(), torch.get_rng_state()
    one, again = (extract_of(member, x)(x) for _ in range(2))
    assert (one == again).all() and torch.equal(x, before)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_hash_goes_with_weights(member):
    cls = room.load("feature", member["name"])
    assert bool(cls.sha256) == bool(cls.sets)


def test_its_weights_are_told_beside_them(member):
    """The table beside the weights has their hash, their command and how often they are right."""
    cls = room.load("feature", member["name"])
    if not cls.sha256:
        pytest.skip("it has no weights")
    with safe_open(WEIGHTS / cls.weights, "pt") as weights:
        told = weights.metadata()
    text = (WEIGHTS / "README.md").read_text(encoding="utf8")
    (row,) = [line for line in text.splitlines() if cls.sha256 in line]
    assert cls.weights in row and told["command"] in row and f"{told['epochs']} epochs" in row
    for name in ("accuracy", "accuracy_binarized"):
        assert f"{float(told[name]):.2%}" in row
