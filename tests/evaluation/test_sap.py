"""SAP: R^2 of known mixtures, and thresholds held against every way to set them."""

from itertools import combinations_with_replacement, permutations

import numpy as np
import pytest
from scipy import stats

from latentia.errors import UsageError
from latentia.evaluation.factors import Factors
from latentia.evaluation.sap import sap, sap_scores

GRID = np.repeat(np.stack(np.unravel_index(np.arange(60), (3, 4, 5)), 1), 20, axis=0)


class TestFactorsInOrder:
    def test_one_to_one_is_one(self):
        assert sap(GRID[:, [2, 0, 1]] * [1.0, -7.0, 0.001], GRID) == pytest.approx(1)

    def test_linear_mixtures_have_a_known_r_squared(self):
        """z = W v of independent factors: S_dk = W_dk^2 Var_k / sum_j W_dj^2 Var_j."""
        w = np.array([[1.0, 0.5, -0.2], [0.1, -2.0, 0.3], [0.7, 0.7, 0.7], [0.0, 0.0, 3.0]])
        parts = w**2 * GRID.var(0)
        expected = parts / parts.sum(1, keepdims=True)
        np.testing.assert_allclose(sap_scores(GRID @ w.T, GRID), expected, rtol=1e-9)
        order = np.sort(expected, axis=0)
        assert sap(GRID @ w.T, GRID) == pytest.approx((order[-1] - order[-2]).mean())

    def test_a_turn_by_45_degrees_leaves_no_gap(self):
        two = np.stack(np.unravel_index(np.arange(25), (5, 5)), 1)
        turned = two @ np.array([[1, 1], [1, -1]])
        np.testing.assert_allclose(sap_scores(turned, two), 0.5)
        assert sap(turned, two) == pytest.approx(0, abs=1e-12)

    def test_codes_of_other_things_and_constants(self):
        codes = np.random.default_rng(0).normal(size=(len(GRID), 4))
        assert 0 <= sap(codes, GRID) < 0.01
        assert sap(np.full((len(GRID), 2), 0.1), GRID) == 0
        assert sap(np.concatenate([GRID, GRID], 1), GRID) == pytest.approx(0, abs=1e-12)

    def test_it_is_the_square_of_scipys_correlation(self):
        rng = np.random.default_rng(2)
        code = GRID[:, 1] ** 2 + rng.normal(size=len(GRID))
        r = stats.pearsonr(code, GRID[:, 1]).statistic
        assert sap_scores(code[:, None], GRID)[0, 1] == pytest.approx(r**2)


def every_way(code, factor):
    """Return the best balanced accuracy of any intervals, one for each class in any order."""
    classes = factor.max() + 1
    places = np.concatenate([[-np.inf], np.unique(code) + 1e-9])
    best = 0.0
    for cuts in combinations_with_replacement(places, classes - 1):
        interval = np.searchsorted(cuts, code)
        for order in permutations(range(classes)):
            guess = np.array(order)[interval]
            best = max(best, np.mean([(guess == c)[factor == c].mean() for c in range(classes)]))
    return best


class TestFactorsWithoutOrder:
    @pytest.mark.parametrize(("classes", "seed"), [(2, 0), (2, 1), (3, 2), (3, 3), (3, 4)])
    def test_the_thresholds_are_the_best_that_there_are(self, classes, seed):
        rng = np.random.default_rng(seed)
        factor = np.concatenate([np.arange(classes), rng.integers(classes, size=15)])
        code = rng.integers(-5, 6, size=len(factor)) + 2.0 * factor * (seed % 2)  # with ties
        found = sap_scores(code[:, None], factor[:, None], categorical=(0,))
        assert found == pytest.approx(every_way(code, factor))

    def test_one_to_one_is_as_far_ahead_as_can_be(self):
        """1 for the code, and 1/3 for one that knows nothing: constant or of another factor."""
        codes = np.stack([(GRID[:, 0] + 1) % 3, GRID[:, 1], 0 * GRID[:, 1]], 1)
        scores = sap_scores(codes, GRID[:, :1], categorical=(0,))
        np.testing.assert_allclose(scores[:, 0], [1, 1 / 3, 1 / 3])
        assert sap(codes, GRID[:, :1], categorical=(0,)) == pytest.approx(2 / 3)
        # As a factor in order, the same code in another order of the values is worth less.
        assert sap_scores(codes, GRID[:, :1])[0, 0] == pytest.approx(0.25)

    def test_rare_classes_weigh_as_much(self):
        factor = np.repeat([0, 1], [90, 10])
        code = factor + np.repeat([0, 1], [95, 5])  # half of the rare class is told apart
        assert sap_scores(np.array(code == 2)[:, None], factor[:, None], categorical=(0,)) == (
            pytest.approx(0.75)
        )

    def test_factors_say_themselves_which_they_are(self):
        names = np.array(["b", "c", "a"])[GRID[:, 0]]
        factors = Factors.of({"kind": names, "size": GRID[:, 1]})
        codes = np.stack([GRID[:, 0], GRID[:, 1]], 1)
        scores = sap_scores(codes, factors)
        np.testing.assert_allclose(scores, [[1, 0], [1 / 3, 1]], atol=1e-12)
        assert sap(codes, factors) == pytest.approx((2 / 3 + 1) / 2)

    def test_signs_and_curves_are_nothing(self):
        rng = np.random.default_rng(5)
        code = GRID[:, 0] + rng.normal(size=len(GRID))
        both = np.stack([code, np.exp(-code)], 1)
        first, second = sap_scores(both, GRID, categorical=(0,))[:, 0]
        assert first == pytest.approx(second) and 0.5 < first < 0.9

    def test_too_many_are_refused(self):
        with pytest.raises(UsageError, match="11 values"):
            sap(np.zeros((22, 1)), np.arange(22)[:, None] % 11, categorical=(0,))
