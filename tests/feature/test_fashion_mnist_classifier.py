"""The classifier of garments is right as often as its file says."""

import pytest
from tests.feature.classifiers import accuracies, stated, test_set

from latentia.feature.fashion_mnist_classifier import FashionMnistClassifier
from latentia.feature.mnist_classifier import MnistClassifier


def test_on_the_test_set_it_is_right_as_often_as_its_file_says():
    told = stated(FashionMnistClassifier)
    assert told["set"] == "fashion-mnist" and float(told["accuracy"]) > 0.89
    found = accuracies(FashionMnistClassifier, *test_set("fashion-mnist"))
    known = [float(told["accuracy"]), float(told["accuracy_binarized"])]
    assert found == pytest.approx(known, abs=0.0005)


def test_it_is_another_than_that_of_digits():
    assert FashionMnistClassifier.weights != MnistClassifier.weights
    assert FashionMnistClassifier.sha256 != MnistClassifier.sha256
    assert not FashionMnistClassifier.sets & MnistClassifier.sets
