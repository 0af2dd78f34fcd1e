"""What goes to a page, and when: everything at first, then what is new, then that it is over."""

import asyncio
import json

import pytest

from latentia.explorer import feed
from latentia.explorer.feed import Feed, Rows, events, told


class Scripted(Feed):
    """Says one thing after the other."""

    def __init__(self, *script):
        self.script, self.at = script, -1

    def rows(self):
        self.at += 1
        life, count, _ = self.script[min(self.at, len(self.script) - 1)]
        return Rows(life, [{"epoch": i + 1, "elbo": float("nan")} for i in range(count)])

    def standing(self):
        return {"state": self.script[min(self.at, len(self.script) - 1)][2]}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(feed, "_APART", 0.0)


def heard(scripted, sizes=()):
    """Return what a page is sent until the script ends."""

    async def gather():
        over = lambda: scripted.at >= len(scripted.script) - 2  # noqa: E731
        return [said async for said in events(scripted, sizes, over)]

    found = asyncio.run(gather())
    assert all(said.startswith("data: ") and said.endswith("\n\n") for said in found)
    return [json.loads(said[6:]) for said in found]


def test_everything_then_what_is_new_then_the_end():
    found = heard(Scripted((0, 2, "a"), (0, 2, "a"), (0, 3, "a"), (0, 3, "b"), (0, 4, "b")))
    epochs = [[row["epoch"] for row in said.get("rows", [])] for said in found]
    assert epochs == [[1, 2], [3], [], [4]]
    assert found[0]["whole"] and not any("whole" in said for said in found[1:])
    assert [said.get("standing") for said in found] == [{"state": "a"}, None, {"state": "b"}, None]
    assert found[-1]["over"] and not any("over" in said for said in found[:-1])
    assert found[0]["rows"][0]["elbo"] is None


def test_another_life_is_told_whole():
    found = heard(Scripted((0, 3, "a"), (1, 1, "a"), (1, 1, "a")))
    assert found[1]["whole"] and len(found[1]["rows"]) == 1


def test_a_page_that_is_silent_for_long_hears_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(feed, "_SILENCE", -1.0)
    scripted = Scripted((0, 1, "a"), (0, 1, "a"), (0, 1, "a"), (0, 1, "a"))

    async def gather():
        return [said async for said in events(scripted, (), lambda: scripted.at >= 2)]

    found = asyncio.run(gather())
    assert ": \n\n" in found


def test_a_ladder_is_told_by_group_and_training_data_not_by_latent():
    row = {"split": "validation", "kl_per_dim": [1.0, 2.0, 3.0]}
    assert told(row, (1, 2))["kl_by_group"] == [1.0, 5.0]
    assert told(row, ()) is row
    assert told({**row, "split": "train"}, ())["kl_per_dim"] is None
