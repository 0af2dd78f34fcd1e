"""JSON has no word for NaN and infinity."""

import json

from latentia.explorer.plain import plain


def test_what_is_no_finite_number_is_null_wherever_it_stands():
    value = {"a": [1.5, float("inf")], 2: (float("nan"), True), "c": None}
    assert plain(value) == {"a": [1.5, None], "2": [None, True], "c": None}
    json.dumps(plain(value), allow_nan=False)
