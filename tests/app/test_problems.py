"""Errors become problems with what, where and how; what nobody foresaw tells nothing."""

import json

import pytest

from latentia.app.problems import Refused, problem_of
from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError


@pytest.mark.parametrize(
    ("error", "status"),
    [(UsageError, 422), (DataError, 422), (RunError, 409), (MachineError, 503)],
)
def test_errors_of_the_package_keep_their_words(error, status):
    found = problem_of(error("It cannot be.", where="row 3", how="Mend it."))
    said = json.loads(found.response().body)
    assert found.status == said["status"] == status
    assert (said["detail"], said["where"], said["how"]) == ("It cannot be.", "row 3", "Mend it.")
    assert "where" not in json.loads(problem_of(error("It cannot be.")).response().body)


def test_a_plain_error_of_the_package_is_the_clients():
    assert problem_of(LatentiaError("No.")).status == 422


def test_flags_become_fields():
    error = UsageError("No.", where="--condition label", how="Use --steps 3.")
    assert "--" not in problem_of(error).where + problem_of(error).how


def test_memory_is_short_for_a_while():
    for error in (MemoryError(), RuntimeError("can't allocate memory: you tried")):
        found = problem_of(error)
        assert found.status == 503 and found.headers["Retry-After"]


@pytest.mark.parametrize("error", [KeyError("secret"), RuntimeError("secret"), OSError("secret")])
def test_what_nobody_foresaw_tells_nothing(error):
    found = problem_of(error)
    assert found.status == 500
    assert b"secret" not in found.response().body


def test_a_refusal_is_itself():
    refused = Refused(429, "Full.", headers={"Retry-After": "3"})
    assert problem_of(refused) is refused
    assert refused.response().headers["retry-after"] == "3"
