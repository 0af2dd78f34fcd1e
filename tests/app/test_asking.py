"""A request is read whole, and refused, before it waits for the model."""

import json

import numpy as np
import pytest
from starlette.datastructures import QueryParams

from latentia.app.arrays import as_npy
from latentia.app.asking import asked_for
from latentia.app.bodies import Body
from latentia.app.limits import Limits
from latentia.app.operation.decode import Decode
from latentia.app.operation.encode import Encode
from latentia.app.operation.interpolate import Interpolate
from latentia.app.operation.sample import Sample
from latentia.app.operation.score import Score
from latentia.app.problems import Refused
from latentia.errors import LatentiaError, UsageError
from latentia.estimator._load import load

LIMITS = Limits(rows=5, draws=100)
X = np.random.default_rng(0).normal([10, 20, -1], [4, 8, 0.1], (5, 3))


@pytest.fixture(scope="module")
def model(table_run):
    return load(table_run, device="cpu")


@pytest.fixture
def ask(model, monkeypatch):
    """Return a function that reads a request; the model computes nothing meanwhile."""

    def computed(*given, **more):
        pytest.fail("the model was used")

    for part in (model.model_.posterior, model.model_.likelihood):
        monkeypatch.setattr(type(part), "forward", computed)

    def asked(operation, body=None, array=None, query=""):
        kind = "json" if body is not None else "npy" if array is not None else "none"
        content = body.encode() if body is not None else b"" if array is None else as_npy(array)
        query = QueryParams(query)
        return asked_for(operation, model, LIMITS, Body(kind, content), query, 1e9)

    return asked


def test_rows_and_work_are_counted(ask):
    assert ask(Encode(), array=X).job.work == 5
    assert ask(Sample(), query="n=4").job.work == 4
    assert ask(Interpolate(), array=X[:2], query="steps=3").job.work == 3
    assert ask(Score(), array=X, query="n_importance=20").job.asked.n_importance == 20


@pytest.mark.parametrize(
    ("operation", "given", "words"),
    [
        (Encode(), {"body": '{"x": [[1,2,3]' + ",[1,2,3]" * 5 + "]}"}, "more than 5"),
        (Decode(), {"body": '{"z": [[1]' + ",[1]" * 5 + "]}"}, "more than 5"),
        (Sample(), {"query": "n=6"}, "more than 5"),
        (Sample(), {"query": "n=0"}, "at least 1"),
        (Sample(), {"query": "seed=-1"}, "at least 0"),
        (Sample(), {"query": "temperature=inf"}, "finite"),
        (Sample(), {"query": "n=two"}, "no whole number"),
        (Sample(), {"array": X}, "Nothing is read here"),
        (Interpolate(), {"array": X[:2], "query": "steps=6"}, "more than 5"),
        (Interpolate(), {"array": X[:3]}, "2 rows are wanted"),
        (Score(), {"array": X, "query": "n_importance=21"}, "more than 100 decodes"),
        (Encode(), {}, "body is empty"),
        (Decode(), {"body": '{"z": [[null]]}'}, "finite"),
        (Decode(), {"body": '{"z": [[1e300]]}'}, "finite"),
        (Decode(), {"body": '{"z": 3}'}, "shape"),
        (Decode(), {"body": '{"z": [[true, false]]}'}, "true or false"),
        (Sample(), {"query": "condition="}, "has no conditions"),
        (Sample(), {"query": "values=median"}, '"median" is not allowed for values'),
        (Decode(), {"array": X}, "shape"),
    ],
)
def test_too_much_and_too_little(ask, operation, given, words):
    with pytest.raises((LatentiaError, Refused), match=words):
        ask(operation, **given)


def test_fewer_steps_are_no_matter_of_a_seed(ask):
    with pytest.raises(UsageError) as caught:
        ask(Interpolate(), array=X[:2], query="steps=6")
    assert caught.value.how == "Ask for fewer steps."
    with pytest.raises(UsageError) as caught:
        ask(Sample(), query="n=6")
    assert "another seed" in caught.value.how


@pytest.mark.parametrize("z", ["abc", [["a"]], [[1, 2], [1]], [[True, 2]], [[[]]] * 200])
def test_what_is_wrong_with_latents_is_said_of_z(ask, z):
    with pytest.raises((LatentiaError, Refused)) as caught:
        ask(Decode(), body=json.dumps({"z": z}))
    assert caught.value.where.startswith("z"), caught.value.where


def test_more_rows_than_one_request_may_have_are_seen_in_the_header(ask):
    with pytest.raises(Refused, match="6 rows are more than 5"):
        ask(Encode(), array=np.zeros((6, 3)))


def test_a_list_of_conditions_is_counted_before_it_is_encoded(told_run, monkeypatch):
    model = load(told_run, device="cpu")
    monkeypatch.setattr(type(model), "given", lambda *given: pytest.fail("it was encoded"))
    body = Body("json", b'{"n": 2, "condition": [' + b'"none",' * 9 + b'"none"]}')
    with pytest.raises(UsageError, match="conditions of 10 examples"):
        asked_for(Sample(), model, LIMITS, body, QueryParams(), 1e9)
