"""Every pretrained model still gives its own numbers back."""

import json
from pathlib import Path

import pytest

import latentia as lt
from latentia.evaluation.bound import bound

FOLDER = Path(__file__).parent.parent / "pretrained"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/config.json"))


@pytest.mark.parametrize("name", NAMES)
def test_the_bound_comes_back(name):
    model = lt.load(FOLDER / name, device="cpu")
    written = json.loads((FOLDER / name / "evaluation-test.json").read_text())
    request = model.config_.data.request
    if lt.data.where(request) is None:
        pytest.skip(f"{request} is not on this machine (LATENTIA_DATA names its folder)")
    x = lt.data.load(request, split="test").x
    found = bound(model.model_, model.examples(x), seed=written["seed"])
    # Another processor adds in another order; the seeds make everything else the same.
    assert found.elbo == pytest.approx(written["elbo"], abs=0.01)
    assert found.active_units == written["active_units"]


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_a_machine_is_in_it(name):
    for path in (FOLDER / name).glob("*.*"):
        if path.suffix in (".json", ".md", ".jsonl"):
            text = path.read_text(encoding="utf8")
            assert "/home/" not in text and "/tmp" not in text, path
