import numpy as np
from matplotlib.figure import Figure

from latentia.figure import _map
from latentia.figure.base import Subject


def test_latents_by_kl_or_by_variance(stand_in):
    subject = stand_in.digits(5)
    latents, use = _map.order(subject.model, subject.test_x)
    assert set(latents[-2:].tolist()) == {0, 1}  # the stand-in's idle ones
    assert np.all(np.diff(use) <= 0)
    codes = subject.other.transform(subject.test_x)
    assert np.isclose(_map.order(subject.other, subject.test_x)[1].max(), codes.var(axis=0).max())


def test_contours_at_one_two_and_three():
    ax = Figure().add_subplot()
    _map.prior_contours(ax)
    assert [patch.radius for patch in ax.patches] == [1, 2, 3]
    assert [text.get_text() for text in ax.texts] == ["1σ", "2σ", "3σ"]


def test_names_of_the_classes():
    labels = np.array([7, 2, 2])
    named = Subject(
        model=None, test_x=np.zeros((3, 2)), test_y=labels, label_names=("a", "b", "c")
    )
    assert _map.classes(named, 9)[0] == ["c", "7"]
    assert _map.classes(named, 9)[1].tolist() == [1, 0, 0]


def test_more_than_twenty_labels_are_not_told_apart():
    many = Subject(model=None, test_x=np.zeros((30, 2)), test_y=np.linspace(0, 1, 30))
    assert _map.classes(many, 9)[0] == [] and _map.classes(many, 9)[1].tolist() == [0] * 9


def test_direct_labels_keep_apart():
    ax = Figure().add_subplot()
    points = np.concatenate([np.zeros((5, 2)), np.full((5, 2), 0.01), [[3.0, 3.0]]])
    _map.name_classes(ax, points, np.array([0] * 5 + [1] * 5 + [2]), ["0", "1", "2"])
    a, b = (np.array(text.get_position()) for text in ax.texts[:2])
    assert np.linalg.norm(a - b) > 0.2
