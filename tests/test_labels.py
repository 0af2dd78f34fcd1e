"""p(y) and q(y|x)."""

import numpy as np
import pytest
import torch

from latentia.labels import Labels
from latentia.network.mlp import MLP


def labels(classes=3):
    torch.manual_seed(0)
    return Labels(MLP(hidden=(8,)), (4,), classes)


def test_probabilities_are_those_of_classes():
    q = labels()(torch.randn(5, 4))
    np.testing.assert_allclose(q.probs.sum(-1).detach(), np.ones(5), rtol=1e-6)
    np.testing.assert_allclose(q.logits.exp().detach(), q.probs.detach(), rtol=1e-6)


def test_before_any_label_is_seen_classes_are_equally_frequent():
    np.testing.assert_allclose(labels().prior().probs, np.full(3, 1 / 3), rtol=1e-6)


def test_frequencies_are_those_of_the_labels_each_counted_once_more():
    made = labels()
    made.start(torch.tensor([0.0, 3.0, 7.0]))
    np.testing.assert_allclose(made.prior().probs, np.array([1, 4, 8]) / 13, rtol=1e-6)
    made.start(torch.tensor([0.0, 0.0, 0.0]))
    assert made.prior().entropy() == pytest.approx(np.log(3))


def test_a_missing_cell_is_at_the_mean():
    made, x = labels(), torch.randn(2, 4)
    made.standardize.fit(torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.full((4,), 2.0))
    x[0, 1], x[1] = torch.nan, x[0]
    x[1, 1] = 2.0
    q = made(x)
    assert torch.equal(q.logits[0], q.logits[1])


def test_they_are_saved_with_the_weights():
    one, other = labels(), labels()
    one.start(torch.tensor([1.0, 2.0, 3.0]))
    other.load_state_dict(one.state_dict())
    assert torch.equal(other.prior().logits, one.prior().logits)
    assert one.one(2).tolist() == [[0.0, 0.0, 1.0]]
