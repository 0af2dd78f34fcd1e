"""The published table of samples: in the features that are here, and in a sensible order."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from latentia import room
from latentia.evaluation.neighbours import expected_coverage

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks/results"
FOUND = {row["name"]: row for row in json.loads((RESULTS / "quality.json").read_text())}
NUMBERS = [(name, values) for name, row in FOUND.items() for values in row["numbers"]]
FOUR = ("precision", "recall", "density", "coverage")


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("quality", ROOT / "benchmarks" / "quality.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["quality"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_the_page_is_that_of_the_numbers(script):
    written = script.table(list(FOUND.values()))
    assert written == (RESULTS / "quality.md").read_text(encoding="utf8")


@pytest.mark.parametrize(("name", "values"), NUMBERS)
def test_a_number_is_in_the_features_of_today_and_of_10000(name, values):
    numbers = FOUND[name]["numbers"][values]
    feature = room.load("feature", numbers["feature"]["name"])
    assert numbers["feature"]["sha256"] == feature.sha256
    assert numbers["data"] in feature.sets
    assert (numbers["n"], numbers["values"]) == (10_000, values)
    assert numbers["expected_coverage"] == expected_coverage(10_000, 10_000)


@pytest.mark.parametrize(("name", "values"), NUMBERS)
def test_no_model_is_better_than_real_images(name, values):
    numbers = FOUND[name]["numbers"][values]
    assert numbers["frechet_squared"] > numbers["floor"]["frechet_squared"]
    assert numbers["coverage"] < numbers["floor"]["coverage"]
    # Training and test images are of one law, and nearly get what one law gets.
    assert numbers["floor"]["density"] == pytest.approx(1, abs=0.06)
    assert numbers["floor"]["coverage"] == pytest.approx(numbers["expected_coverage"], abs=0.02)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("vampprior", "gated-vae"),
        ("gated-vae", "iwae-vae"),
        ("autoencoder-mixture", "autoencoder"),
        ("iwae-vae", "autoencoder"),
        ("fashion-vampprior", "fashion-gated-vae"),
    ],
)
def test_a_prior_that_fits_gives_better_samples(better, worse):
    for values in FOUND[better]["numbers"]:
        one, other = (FOUND[name]["numbers"][values] for name in (better, worse))
        error = one["frechet_standard_error"] + other["frechet_standard_error"]
        assert one["frechet_squared"] + 4 * error < other["frechet_squared"], values
        assert one["coverage"] > other["coverage"], values


def test_the_numbers_of_the_readme_are_those_of_the_table():
    readme = (ROOT / "README.md").read_text(encoding="utf8")
    section = readme[readme.index("| samples of |") :].split("\n\n")[0]
    rows = re.findall(r"\| ([\d.]+) ± ([\d.]+) \|" + r" ([\d.]+) \|" * 4, section)
    assert len(rows) == 5
    known = {
        (
            f"{n['frechet_squared']:.2f}",
            f"{n['frechet_standard_error']:.2f}",
            *(f"{n[k]:.3f}" for k in FOUR),
        )
        for n in (row["numbers"]["draw"] for row in FOUND.values())
    }
    assert set(rows) <= known
    floor = FOUND["vampprior"]["numbers"]["draw"]["floor"]
    written = " | ".join([f"{floor['frechet_squared']:.2f}", *(f"{floor[k]:.3f}" for k in FOUR)])
    assert written in section
