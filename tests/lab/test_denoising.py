"""Denoising: errors in closed form, rivals at their best, and a claim that can fail."""

from types import SimpleNamespace

import numpy as np
import pytest

from latentia.errors import UsageError
from latentia.lab import denoising
from latentia.lab._bench import Part
from latentia.lab.denoising import Denoising, cross_entropy, levelled, squared_error


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(denoising, "_FIT", 60)
    monkeypatch.setattr(denoising, "_RATES", (0.0, 0.3))


def test_cross_entropy_is_that_of_its_definition():
    x = np.array([[[0.0, 1.0], [0.25, 0.5]]])
    assert cross_entropy(x, np.full_like(x, 0.5)) == pytest.approx(4 * np.log(2))
    own = -0.25 * np.log(0.25) - 0.75 * np.log(0.75) + np.log(2)
    assert cross_entropy(x, x) == pytest.approx(own, abs=1e-4)
    assert np.isfinite(cross_entropy(x, 1 - x)).all()
    assert squared_error(x, 1 - x) == pytest.approx(1 + 1 + 0.25)


def test_grey_levels_are_mapped_to_the_mean_of_what_is_clean():
    restored = np.array([[[0.0, 0.0, 1.0, 1.0]]])
    level = levelled(restored, np.array([[[0.0, 0.2, 0.5, 1.0]]]))
    np.testing.assert_allclose(level(np.array([[[1.0, 0.0]]])), [[[0.75, 0.1]]])
    # A map that must not fall: where more is less, it is the mean of all.
    level = levelled(restored, np.array([[[1.0, 1.0, 0.0, 0.0]]]))
    np.testing.assert_allclose(level(restored), 0.5)


def test_noise_damages_its_share_and_repeats(bench):
    x = np.full((50, 28, 28), 100, np.uint8)
    experiment = Denoising(salt=0.25)
    noisy = experiment._damaged(x, 0.4, 0)
    assert np.mean(noisy != 100) == pytest.approx(0.4, abs=0.02)
    assert np.mean(noisy == 255) == pytest.approx(0.1, abs=0.02)
    np.testing.assert_array_equal(noisy, experiment._damaged(x, 0.4, 0))
    assert not np.array_equal(noisy, experiment._damaged(x, 0.4, 0, key=1))
    np.testing.assert_array_equal(experiment._damaged(x, 0.0, 0), x)


class Counterfeit:
    """A bench whose model trained with noise restores as it is told."""

    seed = 0

    def __init__(self, bench, restore):
        self.restore = restore
        self.test, self.train = Part(*bench.some(60)), Part(bench.train.x[:60], None)

    def some(self, n):
        return self.test

    def epochs(self, share):
        return 1

    def model(self, corruption=None, **options):
        def reconstruct(x):
            return self.restore(self.test.x) if corruption else x / 255.0

        return SimpleNamespace(reconstruct=reconstruct)


def test_one_that_knows_the_clean_image_confirms_and_one_that_knows_nothing_refutes(bench):
    knows = Counterfeit(bench, lambda clean: 0.05 + 0.9 * (clean / 255.0))
    right = Denoising().run(knows)
    assert [check.verdict for check in right.checks] == ["confirmed"] * 6
    assert right.numbers["rates_at_which_it_is_best"]["noisy image"] == [0.3, 0.75]
    wrong = Denoising().run(Counterfeit(bench, lambda clean: np.full(clean.shape, 0.5)))
    assert [check.verdict for check in wrong.checks] == ["refuted"] * 6


def test_rivals_are_no_worse_for_the_map_of_their_grey_levels(bench):
    numbers = Denoising().run(Counterfeit(bench, lambda clean: clean / 255.0)).numbers
    for name, before in numbers["squared_error_before_mapping"].items():
        assert numbers["squared_error"][name][0.75] <= before
    assert numbers["squared_error"]["noisy image"][0.0] == pytest.approx(0, abs=1e-3)
    assert set(numbers["median_size_by_rate"].values()) <= {3, 5, 7}
    assert numbers["median_size_by_rate"][0.0] == 3


def test_trained_with_noise_it_beats_the_noisy_image_on_digits(bench):
    experiment = Denoising(n=100)
    found = experiment.run(bench)
    error = {name: curve[0.75] for name, curve in found.numbers["squared_error"].items()}
    assert error["trained with noise"] < error["noisy image"]
    assert experiment.run(bench).numbers == found.numbers
    assert len(experiment.draw(found).axes) == 3


@pytest.mark.parametrize("bad", [{"n": 1}, {"rate": 0.0}, {"rate": 1.5}, {"salt": -0.1}])
def test_options_without_noise_are_refused(bad):
    with pytest.raises(UsageError, match="no noise to compare on"):
        Denoising(**bad)
