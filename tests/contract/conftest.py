"""Every member of a room, and every choice among its options, goes through the room's contract.

`test_prior.py` is the contract of `latentia/prior`: each of its tests takes a `member` and can be
called with the written form of any other, so a new file is tested at once.
"""

import ast

import pytest

from latentia import room
from latentia.distribution.discretized_logistic import DiscretizedLogistic


def variants(name):
    """Return each member of a room with its defaults, and with each choice of a `Literal`.

    Members of a ladder go only together: `test_ladder.py` is their contract.
    """
    found = []
    for member in room.members(name):
        if getattr(room.load(name, member.name), "hierarchical", False):
            continue
        found.append({"name": member.name})
        for option in member.options:
            if option.annotation.startswith("Literal["):
                choices = ast.literal_eval(f"({option.annotation[8:-1]},)")
                found += [
                    {"name": member.name, option.name: choice}
                    for choice in choices
                    if choice != option.default
                ]
    return found


@pytest.fixture(scope="module")
def few_steps():
    """Start models of levels quickly: their means in few steps, as graphs take them."""
    mean = property(DiscretizedLogistic._mean_in_few_steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DiscretizedLogistic, "mean", mean)
        yield


@pytest.fixture
def member(request):
    """One member of the room; every test is given each."""
    return request.param


def pytest_generate_tests(metafunc):
    if "member" in metafunc.fixturenames:
        name = metafunc.module.__name__.rsplit(".", 1)[-1].removeprefix("test_")
        found = variants(name)
        metafunc.parametrize("member", found, ids=["-".join(v.values()) for v in found])
