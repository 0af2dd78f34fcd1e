"""Limits are numbers above 0, and large examples come in fewer rows."""

import pytest

from latentia.app.limits import Limits
from latentia.errors import UsageError


def test_rows_shrink_with_the_size_of_an_example_and_never_to_none():
    assert Limits().fitting(784).rows == 1000
    assert Limits().fitting(12_288).rows == 2**21 // 12_288
    assert Limits().fitting(10**9).rows == 1


@pytest.mark.parametrize("field", ["requests", "size", "rows", "pixels", "deadline"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan")])
def test_what_is_no_limit_is_refused(field, value, says):
    with pytest.raises(UsageError) as caught:
        Limits(**{field: value})
    says(caught.value, "above 0", field)
