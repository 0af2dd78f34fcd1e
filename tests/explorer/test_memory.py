"""A model and arrays in memory are shown as a run's are."""

import json

import numpy as np
import pytest

import latentia as lt
from latentia.errors import DataError, UsageError
from latentia.explorer.description import described
from latentia.explorer.memory import subject_of


@pytest.fixture(scope="module")
def vae(inked):
    return lt.VAE(2, network="linear", max_epochs=1, random_state=0).fit(inked)


def test_examples_and_labels_are_the_users(vae, inked):
    labels = np.array(["thick", "thin"])[np.arange(len(inked)) % 2]
    subject = subject_of(vae, inked, labels)
    assert np.array_equal(subject.x, inked) and subject.total == len(inked)
    assert [subject.labels[i] for i in subject.y] == labels.tolist()
    told = described(subject)
    assert told["run"] == "" and told["name"] == "VAE" and told["snapshots"] == []
    assert told["examples"]["labels"] == ["thick", "thin"] and told["picture"]["height"] == 6
    assert subject.run.metrics() == vae.history_ and subject.run.evaluations() == {}
    json.dumps(told)


def test_without_examples_there_is_the_model(vae):
    subject = subject_of(vae)
    assert subject.count == 0 and described(subject)["examples"]["count"] == 0


def test_what_does_not_belong_together(vae, inked, says):
    with pytest.raises(UsageError) as caught:
        subject_of(vae, labels=[1, 2])
    says(caught.value, "no examples", "lt.explore(model, X, labels)")
    with pytest.raises(DataError):
        subject_of(vae, inked, [1, 2])
    with pytest.raises(DataError):
        subject_of(vae, inked[:, :3])


def test_conditions_are_those_given(inked, says):
    y = np.arange(len(inked)) % 2
    cvae = lt.ConditionalVAE(2, network="linear", max_epochs=1, random_state=0).fit(inked, y)
    with pytest.raises(UsageError) as caught:
        subject_of(cvae, inked)
    says(caught.value, "p(x|c)", "model.given(c)")
    one_hot = np.eye(2, dtype=np.float32)[y]
    assert np.array_equal(subject_of(cvae.given(y), inked).c, one_hot)
    assert np.array_equal(subject_of(cvae, inked, y).c, one_hot)
    assert np.array_equal(subject_of(cvae.given(1), inked).c, np.tile([[0, 1]], (len(inked), 1)))
    with pytest.raises(UsageError):
        subject_of(cvae.given(y[:5]), inked)
    assert subject_of(cvae.given(y), inked).model.condition_ is None
