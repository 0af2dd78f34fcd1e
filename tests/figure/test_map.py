import numpy as np
from matplotlib.figure import Figure

from latentia.figure import _map
from latentia.figure.base import Subject


def test_latents_by_kl_or_by_variance(stand_in):
    subject = stand_in.digits(5)
    latents, use, by = _map.order(subject.model, subject.test_x)
    assert set(latents[-2:].tolist()) == {0, 1}  # the stand-in's idle ones
    assert np.all(np.diff(use) <= 0) and by == "mean KL"
    mixed = stand_in.mixture(5).model
    for model in (subject.others[1].model, mixed):
        codes = model.transform(subject.test_x)
        use = _map.order(model, subject.test_x)
        assert np.isclose(use.amount.max(), codes.var(axis=0).max()) and use.by == "variance"


def test_contours_at_one_two_and_three():
    ax = Figure().add_subplot()
    _map.prior_contours(ax)
    assert [patch.radius for patch in ax.patches] == [1, 2, 3] and not ax.texts
    _map.prior_contours(ax, clear_of=np.array([[0.0, 1.0], [0.0, 2.0], [2.0, 0.0]]))
    assert [text.get_text() for text in ax.texts] == ["1σ", "2σ", "3σ"]
    x, y = ax.texts[1].get_position()
    assert np.isclose(np.hypot(x, y), 2) and x < 0 and y < 0  # away from the points


def test_the_densest_regions_of_a_normal_are_its_circles():
    ax = Figure().add_subplot()
    reach = _map.density_contours(ax, lambda z: -(z**2).sum(axis=1) / 2 - np.log(2 * np.pi), 2.0)
    assert np.isclose(reach, 3, rtol=0.02)  # it looked beyond the 2 that were asked for
    (drawn,) = ax.collections
    radii = [np.linalg.norm(np.concatenate(lines), axis=1) for lines in drawn.allsegs]
    assert np.allclose([r.mean() for r in radii], [3, 2, 1], rtol=0.02)
    assert max(r.std() for r in radii) < 0.02
    assert sorted(text.get_text() for text in ax.texts) == ["39%", "86%", "99%"]


def test_the_densest_regions_hold_their_mass(stand_in):
    ax = Figure().add_subplot()
    _map.density_contours(ax, stand_in.two_hills, 3.0)
    levels = ax.collections[0].levels
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((20000, 2)) + np.array([4, 0]) * rng.choice([-1, 1], (20000, 1))
    density = np.exp(stand_in.two_hills(draws))
    held = [float(np.mean(density > level)) for level in sorted(levels)]
    assert np.allclose(held, [0.989, 0.865, 0.393], atol=0.01)


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
