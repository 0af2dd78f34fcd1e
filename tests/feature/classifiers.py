"""What the tests of both classifiers share."""

import pytest
import torch
from safetensors import safe_open

import latentia as lt
from latentia.feature import _classifier
from latentia.rng import seeded
from latentia.view import View


def stated(cls):
    """Return what a file of weights says of itself."""
    with safe_open(_classifier.WEIGHTS / cls.weights, "pt") as weights:
        return weights.metadata()


def test_set(name):
    if lt.data.where(name) is None:
        pytest.skip(f"{name} is not on this machine (LATENTIA_DATA names its folder)")
    data = lt.data.load(name, split="test")
    return data.x, data.y


test_set.__test__ = False  # pytest: this is no test


def accuracies(cls, x, y):
    """Return how often a classifier is right on bytes x (n, H, W): in grey, and binarized."""
    net = _classifier._net(cls.weights, cls.sha256)
    stored, found = torch.from_numpy(x)[:, None], []
    for binarize in ("none", "dynamic"):
        with torch.no_grad(), seeded(0):
            parts = [net(View("bytes", binarize)(part)).argmax(1) for part in stored.split(500)]
        found.append(float((torch.cat(parts) == torch.from_numpy(y)).double().mean()))
    return found
