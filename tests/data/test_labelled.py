"""Labels that are hidden: how many are kept, of which classes, and of which rows."""

import numpy as np
import pytest

from latentia.data._labelled import kept
from latentia.errors import UsageError

CLASSES = np.arange(60) % 3
C = np.eye(3, dtype=np.float32)[CLASSES]
ROWS = np.random.default_rng(0).permutation(60)[:45]


def of(c):
    return np.flatnonzero(~np.isnan(c).any(axis=1))


@pytest.mark.parametrize(("labelled", "counts"), [(3, [1, 1, 1]), (9, [3, 3, 3]), (8, [3, 3, 2])])
def test_classes_share_them_as_evenly_as_can_be(labelled, counts):
    found = kept(C, ROWS, labelled, 0)
    assert np.bincount(CLASSES[of(found)]).tolist() == counts
    assert set(of(found)) <= set(ROWS)
    assert np.array_equal(found[of(found)], C[of(found)])


def test_a_class_with_few_gives_what_it_has():
    rows = np.concatenate([np.flatnonzero(CLASSES == 0)[:2], np.flatnonzero(CLASSES > 0)])
    assert np.bincount(CLASSES[of(kept(C, rows, 30, 0))]).tolist() == [2, 14, 14]


def test_which_of_a_class_is_a_matter_of_the_seed():
    first, again, other = (of(kept(C, ROWS, 9, seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    # And each may be chosen.
    chosen = {row for seed in range(60) for row in of(kept(C, ROWS, 9, seed))}
    assert chosen == set(ROWS)


def test_what_is_unknown_cannot_be_kept():
    c = C.copy()
    c[ROWS[5:]] = np.nan
    assert set(of(kept(c, ROWS, 4, 0))) <= set(ROWS[:5])


@pytest.mark.parametrize("labelled", [0, 2, 46, -1])
def test_too_few_or_too_many_are_refused(labelled):
    with pytest.raises(UsageError, match="45, of 3 classes") as error:
        kept(C, ROWS, labelled, 0)
    assert "--labelled" in str(error.value)
