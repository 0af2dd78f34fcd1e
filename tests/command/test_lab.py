"""`latentia lab`: the list of claims, a verdict in words, and options of the right experiment."""

import json

from latentia import lab


def test_without_a_name_it_lists_the_claims(latentia):
    said = latentia("lab", "--json")
    assert [row["name"] for row in said.json["experiments"]] == lab.names()
    assert lab.claim("pixel-distance") in latentia("lab").out


def test_a_verdict_with_its_numbers_and_files(latentia, tmp_path):
    options = ("--data", "mnist5k", "--out", tmp_path, "--pixel-distance.n", 30)
    said = latentia("lab", "pixel-distance", *options)
    assert said.code == 0, said.err
    assert "confirmed" in said.out and "nats" in said.out
    found = latentia("lab", "pixel-distance", *options, "--json").json
    assert {"name", "claim", "verdict", "numbers", "figure"} <= set(found)
    assert json.loads((tmp_path / "pixel-distance.json").read_text())["options"]["n"] == 30
    assert (tmp_path / "pixel-distance.png").stat().st_size > 5000


def test_an_unknown_experiment_and_an_idle_option_are_told(latentia):
    said = latentia("lab", "pixel-distanse")
    assert said.code == 2 and "Did you mean 'pixel-distance'" in said.err
    assert "NAME pixel-distanse" in said.err and "--lab" not in said.err
    said = latentia("lab", "--pixel-distance.n", 3)
    assert said.code == 2 and "which is not to be run" in said.err
