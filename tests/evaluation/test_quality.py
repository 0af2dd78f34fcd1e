"""Samples against real images beside a floor: one law gets the floor, others do not."""

import pytest
import torch

from latentia import room
from latentia.errors import UsageError
from latentia.evaluation.frechet import Gaussian, frechet_squared
from latentia.evaluation.neighbours import expected_coverage, neighbours
from latentia.evaluation.quality import feature_for, quality
from latentia.feature.pca import PCA

N = 400


def images(seed, n=N, shift=0.0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, 1, 2, 3, generator=generator) + shift


def test_the_five_numbers_are_those_of_the_features():
    real, drawn, other = images(0), images(1, shift=0.4), images(2)
    feature = PCA(components=4)
    found = quality(real, drawn, other, feature, k=3)
    f = feature.of(real)
    for likeness, x in ((found.drawn, drawn), (found.floor, other)):
        between = frechet_squared(Gaussian.of(f(real)), Gaussian.of(f(x)))
        assert likeness.frechet_squared == pytest.approx(between)
        assert likeness.neighbours == neighbours(f(real), f(x), 3)
    assert (found.n, found.k, found.dimensions) == (N, 3, 4)


def test_samples_of_the_law_get_the_floor_and_others_do_not():
    real, other = images(0), images(2)
    same = quality(real, images(1), other, PCA())
    moved = quality(real, images(1, shift=0.4), other, PCA())
    assert moved.floor == same.floor
    assert abs(same.drawn.frechet_squared - same.floor.frechet_squared) < 4 * same.standard_error
    # Six pixels, each moved by 0.4.
    assert moved.drawn.frechet_squared == pytest.approx(6 * 0.4**2, abs=4 * moved.standard_error)
    assert moved.drawn.neighbours.coverage < same.drawn.neighbours.coverage - 0.02


def test_gaussian_images_get_a_floor_of_the_bias_that_is_told():
    """Of one law, d^2 is on average what sampling adds."""
    found = [quality(*(images(3 * s + i, 200) for i in range(3)), PCA()) for s in range(60)]
    floors = torch.tensor([one.floor.frechet_squared for one in found])
    error = floors.std() / len(floors) ** 0.5
    bias = sum(one.bias for one in found) / len(found)
    assert float(floors.mean()) == pytest.approx(bias, abs=float(3.5 * error) + 0.02 * bias)


def test_the_summary_says_what_one_law_is_expected_to_get():
    told = quality(images(0), images(1), images(2), PCA(), k=2).summary()
    assert told["expected_coverage"] == expected_coverage(N, N, 2)
    assert told["expected_density"] == 1
    assert set(told["floor"]) == {
        *("frechet_squared", "precision", "recall", "density", "coverage")
    }
    assert set(told["floor"]) < set(told)


@pytest.mark.parametrize("sizes", [(200, 200, 199), (200, 300, 200), (99, 99, 99)])
def test_sets_of_other_sizes_and_small_ones_are_refused(sizes):
    with pytest.raises(UsageError, match="equally many"):
        quality(*(images(i, n) for i, n in enumerate(sizes)), PCA())


def test_samples_that_are_no_numbers_are_refused():
    bad = images(1)
    bad[7] = torch.nan
    with pytest.raises(UsageError, match="samples are no finite numbers"):
        quality(images(0), bad, images(2), PCA())
    with pytest.raises(UsageError, match="real examples are no finite numbers"):
        quality(images(0), images(2), bad, PCA())


def test_every_classifier_is_chosen_for_its_own_sets_and_no_other(says):
    for name in room.names("feature"):
        for made_for in room.load("feature", name).sets:
            assert feature_for(made_for) == name
    with pytest.raises(UsageError) as caught:
        feature_for("photos")
    says(caught.value, "'photos'", "--feature pca", "mnist-classifier")
