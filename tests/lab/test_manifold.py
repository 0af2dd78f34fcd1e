"""The manifold: strokes of known width and slope, shares of variance known beforehand."""

from types import SimpleNamespace

import numpy as np
import pytest

from latentia.errors import UsageError
from latentia.lab._bench import Part
from latentia.lab._strokes import slant, thickness
from latentia.lab.manifold import Manifold, explained, silhouette


def bar(width, slope, size=28):
    """A bar through the middle, with edges that fade over a pixel."""
    rows, columns = np.indices((size, size))
    away = np.abs(columns - size / 2 + 0.5 + slope * (rows - size / 2 + 0.5))
    inside = np.abs(rows - size / 2 + 0.5) < 9
    # The width of a slanted stroke is measured across it.
    return np.clip(width / 2 * np.hypot(1, slope) - away + 0.5, 0, 1) * inside


def test_thickness_is_the_width_of_a_stroke():
    for width in (2.0, 3.0, 4.5):
        for slope in (0.0, 0.4):
            assert thickness(bar(width, slope)[None])[0] == pytest.approx(width, rel=0.15)
    assert thickness(np.zeros((1, 28, 28)))[0] == 0


def test_slant_is_the_slope_of_a_stroke_and_positive_to_the_right():
    assert slant(np.stack([bar(3, slope) for slope in (-0.5, 0.0, 0.3)])) == pytest.approx(
        [-0.5, 0.0, 0.3], abs=0.02
    )
    leaning = np.zeros((1, 9, 9))
    leaning[0, [6, 5, 4, 3, 2], [2, 3, 4, 5, 6]] = 1  # like a slash
    assert slant(leaning)[0] == pytest.approx(1)


def test_a_share_of_the_variance_is_that_of_its_definition():
    rng = np.random.default_rng(0)
    signal, noise = rng.normal(size=(2, 5000)) * [[3], [1]]
    found = explained(signal + noise, signal, np.full(5000, (signal + noise).mean()))
    assert found["r2"] == pytest.approx(0.9, abs=4 * found["error"])
    again = [
        explained(of, part, np.full(5000, of.mean()))["r2"]
        for part, rest in rng.normal(size=(200, 2, 5000)) * [[3], [1]]
        for of in [part + rest]
    ]
    assert np.std(again) == pytest.approx(found["error"], rel=0.3)


def test_a_silhouette_is_one_for_points_and_its_error_that_of_repeats():
    y = np.arange(400) % 2
    apart = np.stack([1000.0 * y, np.zeros(400)], axis=1)
    assert silhouette(apart, y) == pytest.approx((1, 0), abs=1e-9)
    rng = np.random.default_rng(0)
    found = [silhouette(apart / 500 + rng.normal(size=(400, 2)), y) for _ in range(30)]
    means, errors = zip(*found, strict=True)
    assert np.std(means) == pytest.approx(np.mean(errors), rel=0.5)


class Bars:
    """A bench of bars in two classes, and a model that maps them as it is told."""

    seed = 0

    def __init__(self, encode):
        rng = np.random.default_rng(0)
        y = np.arange(300) % 2
        self.width, lean = rng.uniform(2, 5, 300), rng.uniform(0.2, 0.5, 300)
        self.slope = lean * (2 * y - 1)
        x = np.stack([bar(w, s) for w, s in zip(self.width, self.slope, strict=True)])
        self.train = Part((255 * x).astype(np.uint8), y)
        self.z = encode(self, rng)

    def some(self, n):
        return self.train

    def model(self, n_components):
        return SimpleNamespace(transform=lambda x: self.z)


def test_a_map_of_the_strokes_confirms_and_one_without_thickness_refutes():
    found = Manifold().run(Bars(lambda bars, _: np.stack([bars.width / 6, bars.slope], axis=1)))
    assert found.verdict == "confirmed"
    flat = Manifold().run(
        Bars(lambda bars, rng: np.stack([rng.normal(size=300) / 6, bars.slope], axis=1))
    )
    failed = [check.what for check in flat.checks if check.verdict == "refuted"]
    assert failed[0] == "share of the variance of thickness that z explains"
    assert {check.verdict for check in flat.checks[:4]} == {"confirmed"}


def test_a_map_of_noise_holds_nothing():
    found = Manifold().run(Bars(lambda _, rng: rng.normal(size=(300, 2))))
    assert found.verdict == "refuted"
    strokes = [check.verdict for check in found.checks if "variance" in check.what]
    assert strokes == ["refuted", "refuted"]
    assert "confirmed" not in {check.verdict for check in found.checks[2:]}


def test_digits_are_measured_and_drawn(bench):
    experiment = Manifold(n=400)
    found = experiment.run(bench)
    numbers = found.numbers
    assert numbers["knn_accuracy"] > numbers["knn_accuracy_shuffled"]
    assert numbers["explained"]["slant"]["shuffled"]["r2"] < 0.1
    assert experiment.run(bench).numbers == numbers
    assert len(experiment.draw(found).axes) == 6  # four panels and two colour bars


def test_too_few_images_are_refused():
    with pytest.raises(UsageError, match="too few neighbours"):
        Manifold(n=50)
