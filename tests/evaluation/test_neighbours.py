"""Precision, recall, density and coverage against counting by hand and their exact means."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from latentia.errors import UsageError
from latentia.evaluation.neighbours import expected_coverage, neighbours


def by_hand(real, drawn, k):
    """Count the balls one by one."""

    def reach(x):
        return np.sort(cdist(x, x), axis=1)[:, k]  # the 0th is the point itself

    apart, real_reach, drawn_reach = cdist(real, drawn), reach(real), reach(drawn)
    n, m = apart.shape
    inside = np.array([[apart[i, j] <= real_reach[i] for j in range(m)] for i in range(n)])
    recalled = [any(apart[i, j] <= drawn_reach[j] for j in range(m)) for i in range(n)]
    return (
        np.mean([inside[:, j].any() for j in range(m)]),
        np.mean(recalled),
        inside.sum() / (k * m),
        np.mean([inside[i].any() for i in range(n)]),
    )


@pytest.mark.parametrize(("n", "m", "k"), [(40, 60, 1), (60, 40, 3), (50, 50, 5)])
def test_all_four_are_what_counting_finds(n, m, k):
    rng = np.random.default_rng(n + k)
    real, drawn = rng.normal(size=(n, 3)), 0.3 + 1.2 * rng.normal(size=(m, 3))
    assert neighbours(real, drawn, k) == pytest.approx(by_hand(real, drawn, k))


def test_no_number_depends_on_how_many_rows_are_held_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    real, drawn = rng.normal(size=(2, 130, 2))
    whole = neighbours(real, drawn)
    monkeypatch.setattr("latentia.evaluation.neighbours._ROWS", 37)
    assert neighbours(real, drawn) == whole


@pytest.mark.parametrize(("n", "m", "k"), [(30, 30, 2), (20, 60, 3), (60, 20, 5)])
def test_one_law_has_density_one_and_the_coverage_of_the_formula(n, m, k):
    """Both means are exact for every law, here one without a variance."""
    rng = np.random.default_rng(0)
    found = [
        neighbours(rng.standard_cauchy((n, 2)), rng.standard_cauchy((m, 2)), k)
        for _ in range(1500)
    ]
    for name, known in (("density", 1.0), ("coverage", expected_coverage(n, m, k))):
        values = np.array([getattr(one, name) for one in found])
        error = values.std() / len(values) ** 0.5
        assert error < 0.02
        assert values.mean() == pytest.approx(known, abs=3.5 * error), name


def test_the_coverage_of_many_is_one_less_a_power_of_two():
    for k in (1, 3, 5):
        assert expected_coverage(10**6, 10**6, k) == pytest.approx(1 - 0.5**k, abs=1e-5)
    assert expected_coverage(2, 1, 1) == pytest.approx(0.5)


def test_recall_is_precision_with_the_sets_changed():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(80, 4)), 0.5 + rng.normal(size=(70, 4))
    one, other = neighbours(a, b), neighbours(b, a)
    assert (one.precision, one.recall) == (other.recall, other.precision)
    assert one.precision != one.recall


def test_half_of_the_law_is_precise_and_recalls_half():
    rng = np.random.default_rng(2)
    real = np.concatenate([rng.normal(size=(200, 2)), 100 + rng.normal(size=(200, 2))])
    found = neighbours(real, rng.normal(size=(400, 2)))
    assert found.precision > 0.9 and found.density > 0.9
    assert 0.4 < found.recall <= 0.5 and 0.4 < found.coverage <= 0.5


def test_a_single_sample_repeated_recalls_nothing():
    real = np.random.default_rng(3).normal(size=(300, 3))
    found = neighbours(real, np.zeros((300, 3)))
    assert found.precision == 1 and found.density > 1
    assert found.recall == 0 and found.coverage < 0.2


def test_sets_far_apart_have_nothing_in_common():
    x = np.random.default_rng(4).normal(size=(50, 3))
    assert neighbours(x, x + 1000) == (0, 0, 0, 0)


def test_an_outlier_makes_recall_high_and_coverage_not():
    rng = np.random.default_rng(5)
    real, drawn = rng.normal(size=(200, 2)), 50 + 0.1 * rng.normal(size=(200, 2))
    drawn[0] = -1000
    found = neighbours(real, drawn, 1)
    assert found.recall == 1 and found.coverage == 0


def test_far_from_zero_the_distances_are_as_exact():
    rng = np.random.default_rng(6)
    real, drawn = rng.normal(size=(2, 100, 3))
    assert neighbours(1e7 + real, 1e7 + drawn) == neighbours(real, drawn)


@pytest.mark.parametrize("k", [0, 10])
def test_a_neighbour_that_is_not_there_is_refused(k, says):
    x = np.zeros((10, 2))
    with pytest.raises(UsageError) as caught:
        neighbours(x, x, k)
    says(caught.value, f"no neighbour number {k}", "--neighbours")
