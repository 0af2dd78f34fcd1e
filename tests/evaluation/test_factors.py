"""Known factors: what is taken in, and what is refused with the reason."""

import numpy as np
import pytest

from latentia import data
from latentia.errors import DataError
from latentia.evaluation.factors import Factors, codes_of, index_of


def test_the_sprites_factors_are_taken_in_as_they_ride_along():
    sprites = data.load("sprites")
    factors = Factors.of(sprites.beside)
    assert factors.names == ("shape", "scale", "orientation", "x", "y")
    assert factors.categorical == (0,) and len(factors) == 24_576
    assert (factors.index.max(0) + 1).tolist() == [3, 4, 8, 16, 16]
    for k, values in enumerate(sprites.beside.values()):  # a number's place is its rank
        np.testing.assert_array_equal(np.unique(values)[factors.index[:, k]], values)


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ({}, ["No factors of these data are known", "sprites"]),
        ({"a": [1] * 20}, ["'a' is the same for all 20", "Leave it out"]),
        ({"a": [1, 2] * 10, "b": [1, 2] * 11}, ["not of the same examples", "a: 20, b: 22"]),
        ({"a": [1.0, np.nan] * 10}, ["'a' is not known of every"]),
        ({"a": np.arange(40.0)}, ["Of value 0.0", "there are 1", "into bins"]),
        ({"a": np.eye(20)}, ["'a' is not known", "one finite value"]),
    ],
)
def test_what_cannot_be_a_factor(columns, parts, says):
    with pytest.raises(DataError) as caught:
        Factors.of(columns)
    says(caught.value, *parts)


def test_factors_of_any_type_are_positions():
    assert index_of([["b"], ["a"], ["b"]]).tolist() == [[1], [0], [1]]
    with pytest.raises(DataError, match=r"not of shape \(3,\)"):
        index_of([1, 2, 3])


@pytest.mark.parametrize(
    ("codes", "part"),
    [
        (np.zeros((4, 2)), "do not belong to 3"),
        (np.zeros(3), r"shape \(3,\)"),
        ([[0.0], [np.inf], [1.0]], "first in row 1"),
    ],
)
def test_codes_that_cannot_be(codes, part):
    with pytest.raises(DataError, match=part):
        codes_of(codes, np.zeros((3, 1), dtype=int))
