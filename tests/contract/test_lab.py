"""The contract of the lab: a claim in a sentence, checks that decide, and files that repeat."""

import inspect
import json

import pytest

from latentia import lab, room
from latentia.lab.base import Check, verdict

CASES = [
    ((0.6, ">", 0.5, 0.04), "confirmed"),
    ((0.6, ">", 0.5, 0.06), "undecided"),
    ((0.4, ">", 0.5, 0.04), "refuted"),
    ((0.4, "<", 0.5, 0.04), "confirmed"),
    ((0.6, "<", 0.5, 0.04), "refuted"),
    ((0.5, "<", 0.5, 0.0), "refuted"),
    ((0.5, ">", 0.5, 0.05), "undecided"),
    ((float("nan"), "<", 0.5, 0.0), "undecided"),
    ((0.4, "<", 0.5, float("nan")), "undecided"),
]


@pytest.mark.parametrize(("numbers", "expected"), CASES)
def test_a_check_decides_beyond_two_standard_errors(numbers, expected):
    assert Check("a number", *numbers).verdict == expected


def test_a_claim_holds_if_all_its_checks_do():
    assert verdict(["confirmed", "confirmed"]) == "confirmed"
    assert verdict(["confirmed", "undecided", "refuted"]) == "refuted"
    assert verdict(["confirmed", "undecided"]) == "undecided"
    assert verdict([]) == "undecided"


@pytest.mark.parametrize("name", room.names("lab"))
def test_the_claim_is_one_sentence_and_options_are_explained(name):
    claim, cls = lab.claim(name), room.load("lab", name)
    assert claim.endswith(".") and len(claim) < 120
    for argument in inspect.signature(cls).parameters:
        assert room.argument_help(inspect.getdoc(cls), argument), argument
    assert ">>>" in inspect.getdoc(cls)


@pytest.mark.parametrize("name", room.names("lab"))
def test_it_stands_in_the_order_of_the_argument(name):
    assert name in lab.names()


def test_files_repeat_byte_for_byte(tmp_path):
    bench = lab.bench("mnist5k", cache=tmp_path / "cache", steps=50)
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        report = lab.run("pixel-distance", bench, folder, n=20)
    first, second = (
        [(folder / f"pixel-distance.{kind}").read_bytes() for kind in ("json", "png")]
        for folder in folders
    )
    assert first == second
    assert json.loads(first[0]) == report | {"figure": "pixel-distance.png"}
    other = lab.bench("mnist5k", cache=tmp_path / "cache", steps=50, seed=1)
    assert lab.run("pixel-distance", other, folders[0], n=20)["numbers"] != report["numbers"]
