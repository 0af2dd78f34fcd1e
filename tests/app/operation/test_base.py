"""Every operation says what it takes and gives, and what is together is row by row."""

import pytest
from pydantic import BaseModel

from latentia import room
from latentia.app.operation.base import Operation, checked
from latentia.app.operation.sample import SampleOptions
from latentia.errors import UsageError

NAMES = room.names("app.operation")


@pytest.mark.parametrize("name", NAMES)
def test_every_member_keeps_the_contract(name):
    operation = room.load("app.operation", name)()
    assert isinstance(operation, Operation)
    assert operation.takes in ("examples", "latents", "nothing")
    assert issubclass(operation.options, BaseModel)
    # What draws has a seed and runs alone; what runs together has nothing to differ in.
    fields = set(operation.options.model_fields)
    assert ("seed" in fields) <= (not operation.together)
    assert not operation.together or fields == {"condition"}
    for field in operation.options.model_fields.values():
        assert field.description


def test_an_option_that_cannot_be_is_named(says):
    with pytest.raises(UsageError) as caught:
        checked(SampleOptions, {"n": 0}, text=False)
    says(caught.value, "0 is not allowed for n", "at least 1", "temperature")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": 200.0}, "200.0 is not allowed for temperature: it must be at most 100"),
        ({"seed": 2**63}, f"it must be less than {2**63}"),
        ({"values": "median"}, "it must be one of 'mean' or 'draw'"),
        ({"sed": 1}, "There is no option 'sed' here"),
        ({"condition": True}, "A condition is a value, a list of values, or an object"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_ours(given, words):
    with pytest.raises(UsageError) as caught:
        checked(SampleOptions, given, text=False)
    assert words in caught.value.what and "Input should" not in caught.value.what
    assert caught.value.where == next(iter(given)) and "temperature" in caught.value.how


@pytest.mark.parametrize("given", [{"n": "3"}, {"n": 3.5}, {"n": True}, {"seed": 2**63}])
def test_json_has_types_of_its_own(given):
    with pytest.raises(UsageError):
        checked(SampleOptions, given, text=False)


def test_a_query_is_text():
    assert checked(SampleOptions, {"n": "3", "temperature": "0.5"}, text=True).n == 3
