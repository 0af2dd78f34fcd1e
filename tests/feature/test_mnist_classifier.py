"""The classifier of digits: right as often as its file says, and never another one unnoticed."""

import numpy as np
import pytest
import torch
from tests.feature.classifiers import accuracies, stated, test_set

import latentia as lt
from latentia.errors import MachineError, UsageError
from latentia.feature import _classifier
from latentia.feature.mnist_classifier import MnistClassifier


def test_it_knows_the_embedded_digits_in_grey_and_binarized():
    data = lt.data.load("mnist5k")
    assert min(accuracies(MnistClassifier, data.x[:1000], data.y[:1000])) > 0.985


def test_on_the_test_set_it_is_right_as_often_as_its_file_says():
    told = stated(MnistClassifier)
    assert told["set"] == "mnist" and float(told["accuracy"]) > 0.992
    found = accuracies(MnistClassifier, *test_set("mnist"))
    known = [float(told["accuracy"]), float(told["accuracy_binarized"])]
    assert found == pytest.approx(known, abs=0.0005)


def test_the_features_are_those_from_which_it_decides():
    """Its last layer, on the features, gives the classes."""
    x = torch.from_numpy(lt.data.load("mnist5k").x[:300, None] / 255.0).float()
    net = _classifier._net(MnistClassifier.weights, MnistClassifier.sha256)
    features = torch.from_numpy(MnistClassifier().of(x)(x)).float()
    with torch.no_grad():
        assert torch.allclose(net.head(features), net(x), atol=1e-4)
    assert features.min() == 0  # after the ReLU


def test_digits_of_a_class_are_nearer_than_those_of_others():
    data = lt.data.load("mnist5k")
    x = torch.from_numpy(data.x[:1000, None] / 255.0).float()
    features, y = MnistClassifier().of(x)(x), data.y[:1000]
    means = np.stack([features[y == c].mean(0) for c in range(10)])
    nearest = np.square(features[:, None] - means).sum(-1).argmin(1)
    assert (nearest == y).mean() > 0.97


@pytest.mark.parametrize(
    "bad",
    [
        torch.zeros(3, 1, 8, 8),
        torch.zeros(3, 3, 28, 28),
        torch.full((3, 1, 28, 28), 255.0),
        torch.full((3, 1, 28, 28), -0.5),
        torch.full((3, 1, 28, 28), torch.nan),
    ],
)
def test_other_images_are_refused(bad, says):
    with pytest.raises(UsageError) as caught:
        MnistClassifier().of(bad)
    says(caught.value, "28x28 grey images in [0, 1]", "--feature pca")


def test_other_weights_and_missing_ones_are_refused(tmp_path, monkeypatch, says):
    x = torch.zeros(1, 1, 28, 28)
    content = (_classifier.WEIGHTS / MnistClassifier.weights).read_bytes()
    monkeypatch.setattr(_classifier, "WEIGHTS", tmp_path)
    _classifier._net.cache_clear()
    with pytest.raises(MachineError) as caught:
        MnistClassifier().of(x)
    says(caught.value, "cannot be read", str(tmp_path), "Install latentia again")
    (tmp_path / MnistClassifier.weights).write_bytes(content[:-4] + bytes(4))
    with pytest.raises(MachineError) as caught:
        MnistClassifier().of(x)
    says(caught.value, "are others than those")
    (tmp_path / MnistClassifier.weights).write_bytes(content)
    assert MnistClassifier().of(x)(x).shape == (1, 64)
    _classifier._net.cache_clear()
