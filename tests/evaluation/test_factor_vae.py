"""The FactorVAE score: codes whose vote is known."""

import numpy as np
import pytest

from latentia.errors import UsageError
from latentia.evaluation.factor_vae import _votes, factor_vae_score
from latentia.evaluation.mutual_information import mig

GRID = np.repeat(np.stack(np.unravel_index(np.arange(60), (3, 4, 5)), 1), 20, axis=0)
FEW = {"votes": 2000, "held_out": 2000}


def score(codes, factors=GRID, **options):
    return factor_vae_score(codes, factors, **FEW | options)


def test_one_to_one_in_any_order_sign_and_scale_is_one():
    assert score(GRID[:, [2, 0, 1]] * [1.0, -7.0, 0.001]) == 1


def test_a_factor_in_two_codes_is_no_fault_here_though_it_has_no_gap():
    codes = np.concatenate([GRID, -GRID], axis=1)
    assert score(codes) == 1 and mig(codes, GRID) == pytest.approx(0, abs=1e-12)


def test_codes_of_other_things_are_right_by_chance():
    codes = np.random.default_rng(0).normal(size=(len(GRID), 6))
    assert score(codes) == pytest.approx(1 / 3, abs=0.06)


def test_a_code_of_two_factors_means_one_of_them():
    """Codes: v_0, and the pair (v_1, v_2) in one. Which of the two was fixed is a guess."""
    codes = np.stack([GRID[:, 0], GRID[:, 1] + 10 * GRID[:, 2]], 1)
    found = score(codes)
    assert 0.5 < found < 0.75


def test_a_code_that_is_constant_does_not_vote():
    """Its variance is the smallest in every batch."""
    constant = np.full((len(GRID), 1), 0.1)
    assert score(np.concatenate([constant, GRID], axis=1)) == 1
    assert score(constant) == 0


def test_variances_are_shares_of_the_variance_in_all_examples():
    """A code that varies little anywhere would else be named in every vote."""
    assert score(GRID * [1.0, 1.0, 1e-6] + 0.0) == 1
    noise = 1e-3 * np.random.default_rng(0).normal(size=(len(GRID), 1))
    assert score(np.concatenate([GRID, noise], axis=1)) == 1


def test_every_batch_holds_one_factor_fixed():
    """Seen by codes that are the factors: the one named has no variance, the others have."""
    rng = np.random.default_rng(0)
    named, fixed = _votes(GRID.astype(float), GRID, 3000, 64, rng)
    np.testing.assert_array_equal(named, fixed)
    np.testing.assert_allclose(np.bincount(fixed) / 3000, 1 / 3, atol=0.04)


def test_batches_are_drawn_from_all_examples_of_a_value():
    """A code that tells apart half of them varies in batches of 64."""
    half = np.arange(len(GRID))[:, None] % 2
    rng = np.random.default_rng(0)
    named, _ = _votes(np.concatenate([half, GRID], 1).astype(float), GRID, 500, 64, rng)
    assert not (named == 0).any()


def test_what_a_code_means_is_learned_from_other_votes():
    """One vote teaches one meaning, so that of three factors one is told at most."""
    assert score(GRID.astype(float), votes=1) == pytest.approx(1 / 3, abs=0.04)


def test_a_seed_repeats_it():
    codes = GRID + np.random.default_rng(0).normal(size=GRID.shape)
    assert score(codes, seed=1) == score(codes, seed=1) != score(codes, seed=2)
    assert score(codes) > score(GRID + 3 * np.random.default_rng(0).normal(size=GRID.shape))


@pytest.mark.parametrize("option", [{"batch": 1}, {"votes": 0}, {"held_out": 0}])
def test_what_cannot_be_is_refused(option):
    with pytest.raises(UsageError, match=f"{next(iter(option))}="):
        score(GRID, **option)
