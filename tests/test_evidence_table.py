"""The table of log p(x) by every estimator: what it says follows from what was measured."""

import importlib.util
import json
from math import hypot
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
BLOCKS = json.loads((RESULTS / "evidence.json").read_text())


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("evidence", ROOT / "benchmarks" / "evidence.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("title", BLOCKS)
def test_a_row_agrees_if_its_difference_is_at_most_two_stated_errors(title):
    first, *others = BLOCKS[title]["estimators"]
    for row in others:
        error = hypot(row["monte_carlo_error"], row["jensen_bias"], first["stated_error"])
        assert row["agrees"] == (abs(row["difference"]) <= 2 * error), row["name"]


@pytest.mark.parametrize("title", BLOCKS)
def test_no_rung_of_the_ladder_falls_by_more_than_its_error(title):
    found = BLOCKS[title]["ladder"]
    steps = zip(found["rise"], found["rise_error"], strict=True)
    assert found["monotone"] == all(rise >= -2 * error for rise, error in steps)
    assert found["monotone"]


def test_three_ways_agree_on_one_model():
    """Quadrature, importance sampling and annealing: the truth, and two that do not know it."""
    agreeing = [
        {row["name"] for row in block["estimators"] if row["agrees"]} for block in BLOCKS.values()
    ]
    assert any({"quadrature", "defensive", "annealed"} <= names for names in agreeing)


def test_the_page_is_that_of_the_numbers(script):
    assert set(BLOCKS) == set(script.WRITTEN)
    assert (RESULTS / "evidence.md").read_text() == script.page(BLOCKS)


def test_it_says_no_where_an_estimator_does_not_agree(script):
    rows = [row for block in BLOCKS.values() for row in block["estimators"][1:]]
    page = script.page(BLOCKS)
    assert page.count("| **no** |") == sum(not row["agrees"] for row in rows) > 0
    assert page.count("| yes |") == sum(row["agrees"] for row in rows) > 0
