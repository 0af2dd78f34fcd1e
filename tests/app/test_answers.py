"""`Accept` chooses, and JSON has no NaN."""

import json

import numpy as np
import pytest

from latentia.app.answers import PNG, answer, kinds_of, wanted
from latentia.app.bodies import JSON, NPY
from latentia.app.operation.encode import Encode
from latentia.app.operation.sample import Sample
from latentia.app.problems import Refused
from latentia.data import Schema

IMAGES = Schema("s", "m", "unit", (6, 6), "hw")
ALL = (JSON, NPY, PNG)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/x-npy", NPY),
        ("image/*", PNG),
        ("text/html, image/png", PNG),
        ("application/json;q=0.2, application/x-npy;q=0.9", NPY),
        ("application/*", JSON),
        ("*/*, application/json;q=0", NPY),
        ("IMAGE/PNG", PNG),
    ],
)
def test_the_liked_best_of_what_there_is(accept, kind):
    assert wanted(accept, ALL) == kind


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", ";;,,", "*/*;q=x"])
def test_what_there_is_not(accept):
    with pytest.raises(Refused) as caught:
        wanted(accept, ALL)
    assert caught.value.status == 406 and accept.strip() in caught.value.what
    assert caught.value.where == "Accept" and "application/json" in caught.value.how


def test_only_examples_of_images_are_pictures():
    assert kinds_of(Sample(), IMAGES) == ALL
    assert kinds_of(Encode(), IMAGES) == (JSON, NPY)
    assert kinds_of(Sample(), Schema("s", "m", "real", (3,), "vector")) == (JSON, NPY)
    assert kinds_of(Sample(), Schema("s", "m", "real", (9, 9, 5), "hwc")) == (JSON, NPY)


def test_what_is_no_number_is_null():
    told = {"a": np.array([[1.5, np.nan], [-np.inf, 2]], np.float32), "n": 2}
    said = json.loads(answer(Encode(), {}, told, JSON, IMAGES).body)
    assert said == {"a": [[1.5, None], [None, 2.0]], "n": 2}
