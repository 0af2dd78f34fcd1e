"""The controller: attributes against closed forms, and models that do and do not obey."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from latentia.errors import UsageError
from latentia.lab import _attributes, _controls
from latentia.lab._controls import Attribute, Setting, agreement, controlled, rises, traversed
from latentia.lab.controller import Controller

ROWS, COLUMNS = np.indices((28, 28)) - 13.5


def bar(width, shear=0.0):
    """Draw an upright bar with soft edges, 20 pixels high, leaning to the right by a shear."""
    across = np.abs(COLUMNS + shear * ROWS)
    return np.clip(width / 2 - across + 0.5, 0, 1) * (np.abs(ROWS) < 10)


def paint(z):
    """Draw a bar for codes (n, 8): its width, its lean and, as its class, a mark at the foot."""
    x = np.stack([bar(4 + a, 0.1 * b) for a, b in z[:, :2]])
    x[:, 24:26, 13:15] = (z[:, 2] > 0)[:, None, None]
    return x


class Painter:
    """A model whose first latents are, or are not, what `paint` draws."""

    def __init__(self, book, obeys=True):
        self.book, self.obeys = book, obeys

    def transform(self, x):
        return np.stack([self.book[image.tobytes()] for image in x])

    def inverse_transform(self, z):
        return paint(z if self.obeys else 0 * z)

    def elbo(self, x):
        return SimpleNamespace(kl_per_dim=np.tile([3.0, 2, 1, 0, 0, 0, 0, 0], (len(x), 1)))


class Shelf:
    """A bench of bars."""

    seed, steps = 0, 10

    def __init__(self, obeys=True):
        z = np.random.default_rng(0).uniform(-2, 2, (600, 8))
        x = (255 * paint(z)).astype(np.uint8)
        book = {image.tobytes(): code for image, code in zip(x, z, strict=True)}
        self.painter = Painter(book, obeys)
        y = (z[:, 2] > 0).astype(int)
        self.train, self.test = (SimpleNamespace(x=x[i::2], y=y[i::2]) for i in (0, 1))

    def some(self, n):
        return SimpleNamespace(x=self.test.x[:n], y=self.test.y[:n])

    def model(self, **options):
        return self.painter

    def has(self, name):
        return False


@pytest.mark.parametrize("width", [2.0, 3.0, 5.0, 8.0])
def test_the_thickness_of_a_bar_is_its_width_whatever_its_lean(width):
    upright, leaning = _attributes.thickness(np.stack([bar(width), bar(width * 1.118, 0.5)]))
    assert upright == pytest.approx(width, rel=0.15)
    assert leaning == pytest.approx(upright, rel=0.15)


def test_thickness_is_that_of_the_whole_image_three_times_as_fine():
    """What is cut away is farther from the ink than what stays, also where ink is at the edge."""
    rng = np.random.default_rng(0)
    blurred = ndimage.gaussian_filter(rng.uniform(size=(40, 28, 20)), (0, 2, 2))
    low = np.linspace(0.35, 0.52, len(blurred))  # from ink everywhere to a few dots
    images = np.clip((blurred - low[:, None, None]) / 0.15, 0, 1)
    found = _attributes.thickness(images)
    for image, value in zip(images, found, strict=True):
        distance = ndimage.distance_transform_edt(ndimage.zoom(image, 3, order=1) > 0.5)
        inside = distance[distance > 0]
        assert value == (4 * (inside.mean() - 0.5) / 3 if len(inside) else 0)


@pytest.mark.parametrize("shear", [-0.4, 0.0, 0.3])
def test_the_slant_of_a_sheared_bar_is_the_shear(shear):
    assert _attributes.slant(bar(4.0, shear)[None])[0] == pytest.approx(shear, abs=0.01)


def test_roundness_is_width_over_height_and_knows_no_brightness():
    box = ((np.abs(ROWS) < 10) & (np.abs(COLUMNS) < 5)).astype(float)
    wide, dim = box.T, 0.4 * box
    narrow, turned, dimmed = _attributes.roundness(np.stack([box, wide, dim]))
    assert narrow == pytest.approx(0.5) and turned == pytest.approx(2.0)
    assert dimmed == pytest.approx(narrow)
    np.testing.assert_allclose(_attributes.brightness(np.stack([box, dim])), [1.0, 0.4])


def test_an_image_without_ink_has_attributes_too():
    blank = np.zeros((1, 28, 28))
    for name in _attributes.__all__:
        assert np.isfinite(getattr(_attributes, name)(blank)).all()


def test_agreement_is_kendalls_tau_with_the_order():
    paths = np.array([[1.0, 2, 3], [3, 2, 1], [1, 1, 1], [1, 3, 2]])
    np.testing.assert_allclose(agreement(paths), [1, -1, 0, 1 / 3])
    assert rises(paths).tolist() == [True, False, False, False]


def setting():
    shelf = Shelf()
    attributes = [
        Attribute("thickness", _attributes.thickness, "slant"),
        Attribute("slant", _attributes.slant, "thickness"),
    ]
    return Setting(shelf, shelf.painter, attributes, 20)


def test_the_direction_is_the_attributes_own_latent():
    found, rng = setting(), np.random.default_rng(0)
    for latent, attribute in enumerate(found.attributes):
        d = np.abs(found.direction(attribute, rng))
        assert d.argmax() == latent and d[latent] > 3 * np.delete(d, latent).max()


def test_both_groups_have_the_same_share_of_every_class():
    """Else an attribute that goes with the class would give the direction between classes."""
    found, rng = setting(), np.random.default_rng(0)
    found.values["thickness"] = found.values["thickness"] + 100 * found.labels
    d = np.abs(found.direction(found.attributes[0], rng))
    assert d.argmax() == 0 and d[2] < d[0] / 3


def test_the_changes_are_those_of_the_pixels_in_units_of_the_data():
    found = setting()
    at = np.linspace(-0.5, 0.5, 3)
    control = controlled(found, found.attributes[1], at, randoms=2)
    slant = 0.1 * found.direction(found.attributes[1], np.random.default_rng(0))[1]
    # The mark at the foot makes a bar lean a little less.
    assert np.median(control.change) * found.spread("slant") == pytest.approx(slant, rel=0.2)
    assert control.rises.all() and control.random.shape == (2, 20, 3)


def test_the_most_used_latent_is_moved_and_its_attribute_chosen_on_training_images():
    moved = traversed(setting(), steps=4)
    assert (moved.latent, moved.attribute, moved.sign) == (0, "thickness", 1)
    assert (np.diff(moved.values) > 0).all()


def test_a_model_that_obeys_is_confirmed_and_one_that_does_not_is_refuted():
    options = {"n": 30, "steps": 2, "randoms": 8, "shown": 15}
    finding = Controller(**options).run(Shelf())
    assert [check.what for check in finding.checks if check.verdict != "confirmed"] == []
    assert finding.numbers["garments"] is None and not finding.numbers["garments_found"]
    assert Controller(**options).run(Shelf(obeys=False)).verdict == "refuted"


def test_on_a_model_of_digits_and_on_garments_if_they_are_there(bench, monkeypatch):
    quick = {"n": 10, "steps": 2, "randoms": 2}
    monkeypatch.setattr(_controls, "_FIT", 300)
    # The garments' part is run on digits: the set may not be on this machine.
    monkeypatch.setattr(type(bench), "has", lambda self, name: name == "fashion-mnist")
    monkeypatch.setattr(type(bench), "other", lambda self, name, steps: self)
    finding = Controller(**quick).run(bench)
    assert finding.numbers["garments"]["brightness"]["stays"] == "width"
    assert len(finding.checks) == 10
    assert len(Controller(**quick).draw(finding).subfigs) == 2
    without = Controller(**quick, garments=False).run(bench)
    assert without.numbers["garments"] is None and len(without.checks) == 5


@pytest.mark.parametrize("bad", [{"n": 1}, {"shown": 0}, {"steps": 1}, {"randoms": 1}])
def test_options_that_leave_nothing_to_measure_are_refused(bad):
    with pytest.raises(UsageError, match="Nothing is controlled"):
        Controller(**bad)
