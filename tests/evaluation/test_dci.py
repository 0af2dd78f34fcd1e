"""DCI: entropies of importances by hand, and codes whose use is known."""

from math import log

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from latentia.errors import DataError, UsageError
from latentia.evaluation.dci import dci, of_importance

GRID = np.repeat(np.stack(np.unravel_index(np.arange(24), (2, 3, 4)), 1), 20, axis=0)
QUICK = GradientBoostingClassifier(n_estimators=10)


class TestImportances:
    def test_by_hand(self):
        """Rows (3, 1) and (0, 4) of 8: D = (1 - H_2(3/4)) / 2 + 1/2; columns (3, 0) and (1, 4)."""

        def h2(p):
            return -(p * log(p) + (1 - p) * log(1 - p)) / log(2)

        d, c = of_importance(np.array([[3.0, 1.0], [0.0, 4.0]]))
        assert d == pytest.approx(0.5 * (1 - h2(0.75)) + 0.5)
        assert c == pytest.approx(3 / 8 + 5 / 8 * (1 - h2(0.2)))

    def test_spread_evenly_there_is_neither(self):
        assert of_importance(np.ones((7, 3))) == pytest.approx((0, 0), abs=1e-12)

    def test_a_factor_in_two_codes_is_disentangled_and_not_complete(self):
        table = np.array([[1.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 2]])
        d, c = of_importance(table)
        assert d == pytest.approx(1) and c == pytest.approx(1 - log(2) / log(4) / 3)

    def test_nothing_of_importance_is_nothing(self):
        assert of_importance(np.zeros((2, 2))) == (0.0, 0.0)

    def test_a_single_code_is_complete(self):
        assert of_importance(np.ones((1, 4))) == pytest.approx((0, 1))

    def test_order_and_scale_are_nothing(self):
        table = np.random.default_rng(0).uniform(size=(5, 3))
        again = of_importance(10 * table[::-1, [1, 2, 0]])
        assert again == pytest.approx(of_importance(table))
        d, c = of_importance(table)
        assert of_importance(table.T) == pytest.approx((c, d))


class TestCodes:
    def test_one_to_one(self):
        found = dci(GRID[:, [1, 2, 0]] * [1.0, -5.0, 0.01], GRID, classifier=QUICK)
        assert found[:3] == pytest.approx((1, 1, 1), abs=1e-6)
        np.testing.assert_allclose(found.importance, np.eye(3)[[1, 2, 0]], atol=1e-6)

    def test_independent_codes_are_used_evenly_and_in_vain(self):
        codes = np.random.default_rng(0).normal(size=(len(GRID), 4))
        found = dci(codes, GRID, classifier=QUICK)
        assert found.disentanglement < 0.1 and found.completeness < 0.15
        assert found.informativeness == pytest.approx((1 / 2 + 1 / 3 + 1 / 4) / 3, abs=0.08)

    def test_turned_codes_are_less_of_both_and_as_informative(self):
        angle = np.pi / 4
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        two = GRID[:, 1:]
        straight, turned = (dci(codes, two) for codes in (two, two @ turn))
        assert straight[:3] == pytest.approx((1, 1, 1), abs=1e-6)
        assert turned.disentanglement < 0.5 and turned.completeness < 0.5
        assert turned.informativeness > 0.9

    def test_order_and_sign_of_codes_are_nothing(self):
        rng = np.random.default_rng(1)
        codes = GRID + 0.7 * rng.normal(size=GRID.shape)
        first = dci(codes, GRID, classifier=QUICK)
        other = dci(-codes[:, ::-1], GRID, classifier=QUICK)
        assert other[:3] == pytest.approx(first[:3], abs=0.02)

    def test_a_constant_code_is_of_no_importance(self):
        codes = np.concatenate([GRID, np.full((len(GRID), 1), 0.1)], axis=1)
        found = dci(codes, GRID, classifier=QUICK)
        assert not found.importance[3].any() and found.disentanglement == pytest.approx(1)
        nothing = dci(np.zeros((len(GRID), 2)), GRID, classifier=QUICK)
        assert nothing[:2] == (0, 0)

    def test_informativeness_is_of_examples_that_were_not_learned_from(self):
        """A forest knows by heart what it was grown on."""
        codes = np.random.default_rng(0).normal(size=(len(GRID), 4))
        forest = RandomForestClassifier(20)
        assert dci(codes, GRID, classifier=forest).informativeness < 0.5

    def test_the_classifier_given_is_left_as_it_was(self):
        forest = RandomForestClassifier(5)
        first, again = (dci(GRID, GRID, classifier=forest, seed=3) for _ in range(2))
        np.testing.assert_array_equal(first.importance, again.importance)
        assert not hasattr(forest, "estimators_") and forest.random_state is None

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(DataError, match="With one factor"):
            dci(GRID, GRID[:, :1])
        with pytest.raises(UsageError, match="LogisticRegression does not say"):
            dci(GRID, GRID, classifier=LogisticRegression())
