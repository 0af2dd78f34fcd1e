"""Every pretrained model still gives its own numbers back."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch.special import entr

import latentia as lt
from latentia import preset
from latentia.card import write_card
from latentia.evaluation.bound import mean_of, per_example
from latentia.evaluation.likelihood import log_likelihood
from latentia.evidence.importance import ImportanceSampling
from latentia.model import LatentVariableModel
from latentia.run import Run
from latentia.view import Examples

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "pretrained"
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/config.json"))


@pytest.fixture(scope="module", params=NAMES)
def held(request):
    """Open each pretrained model with the examples and the numbers of its test part."""
    name = request.param
    model = lt.load(FOLDER / name, device="cpu")
    written = json.loads((FOLDER / name / "evaluation-test.json").read_text())
    source = model.config_.data.request
    if lt.data.where(source) is None:
        pytest.skip(f"{source} is not on this machine (LATENTIA_DATA names its folder)")
    conditions = [one.name for one in model.schema_.conditions]
    data = lt.data.load(source, split="test", conditions=conditions)
    return Held(name, model.model_, model.under(data.c).examples(data.x), written)


class Held(NamedTuple):
    """A pretrained model, and what its numbers are about."""

    name: str
    model: LatentVariableModel
    examples: Examples
    written: dict


def some(examples, n):
    """Return n examples from one end of the test part to the other."""
    rows = np.arange(0, len(examples), len(examples) // n)
    return Examples(examples.stored, examples.view, rows, c=examples.c)


# Where all test digits take minutes: of how many the ELBO is held, what it is, in nats, where that
# of all is the published one to 0.01, and how many latents are active in them.
PART = {"deep-ladder": (400, -80.926, 1183)}


def test_the_bound_comes_back(held):
    elbo, active, examples = held.written["elbo"], held.written["active_units"], held.examples
    if held.name in PART:
        n, elbo, active = PART[held.name]
        examples = some(examples, n)
    each = per_example(held.model, examples, seed=held.written["seed"])
    found = mean_of(each)
    # Another processor adds in another order; the seeds make everything else the same.
    assert found.elbo == pytest.approx(elbo, abs=0.01)
    assert found.active_units == active
    # What is of a part is about what is published of all.
    error = each.elbo.std().item() / len(examples) ** 0.5
    assert found.elbo == pytest.approx(held.written["elbo"], abs=3 * error)


# Test digits from one end to the other: how many, and how many draws of z for each log p(x) and
# each ELBO...
USUAL = (200, 100, 20)
FEWER = {"ladder": (40, 10, 5), "deep-ladder": (20, 10, 5)}
# ...and the mean log p(x) that they come to, in nats.
LOG_P = {
    "cvae": -86.06,
    "deep-ladder": -79.27,
    "flow-prior": -81.95,
    "flow-prior-long": -81.51,
    "gated-vae": -83.74,
    "iwae-5-long": -86.06,
    "iwae-vae": -89.94,
    "ladder": -89.27,
    "twenty-latents": -86.88,
    "two-latents": -135.25,
    "vampprior": -82.91,
}


def test_log_p_of_a_few_digits_comes_back(held):
    """From k draws it is as far above the ELBO as was published of all digits."""
    n, k, draws = FEWER.get(held.name, USUAL)
    few, seed, written = some(held.examples, n), held.written["seed"], held.written
    found = log_likelihood(held.model, few, ImportanceSampling(samples=k), seed=seed)
    if held.name in LOG_P:
        assert found.mean == pytest.approx(LOG_P[held.name], abs=2 * found.monte_carlo_error)
    published = {rung["k"]: rung["log_likelihood"] for rung in written.get("ladder", ())}
    if k in published:
        above = found.each - per_example(held.model, few, seed=seed, samples=draws).elbo
        error = above.std().item() / n**0.5
        gained = published[k] - written["elbo"]
        assert above.mean().item() == pytest.approx(gained, abs=4 * error)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_preset_and_a_card_that_is_true(name, tmp_path):
    assert name in preset.names()
    copy = tmp_path / name
    shutil.copytree(FOLDER / name, copy)
    write_card(Run(copy))
    assert (FOLDER / name / "README.md").read_text() == (copy / "README.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_no_path_of_a_machine_is_in_it(name):
    for path in (FOLDER / name).glob("*.*"):
        if path.suffix in (".json", ".md", ".jsonl"):
            text = path.read_text(encoding="utf8")
            assert "/home/" not in text and "/tmp" not in text, path


def binarization_entropy(x):
    """Return E[H(x|grey)], the nats that only the draw of black and white decides."""
    p = torch.from_numpy(np.asarray(x)).double().flatten(1) / 255
    return (entr(p) + entr(1 - p)).sum(-1).mean().item()


def test_the_entropy_of_a_binarization_is_that_of_its_coins():
    x = np.array([[0, 255, 51], [0, 0, 255]], np.uint8)
    coin = -(0.2 * np.log(0.2) + 0.8 * np.log(0.8))
    assert binarization_entropy(x) == pytest.approx(coin / 2)


def reported(folder, data):
    """Return every ELBO and log p(x) of greys that is published of a data set, by where."""
    written = {path: json.loads(path.read_text()) for path in folder.glob("*/evaluation-*.json")}
    table = json.loads((ROOT / "benchmarks/results/mnist.json").read_text())
    written |= {row["name"]: row["numbers"] for row in table}
    return {
        (place, name): numbers[name]
        for place, numbers in written.items()
        for name in ("elbo", "log_likelihood")
        if numbers["data"] == data and numbers["binarization"] in ("dynamic", "none")
        if numbers.get(name) is not None
    }


def test_no_published_number_is_below_what_the_binarization_alone_costs():
    """No model can know the coins: -log p(x) is at least H(x|grey) on average."""
    if lt.data.where("mnist") is None:
        pytest.skip("mnist is not on this machine (LATENTIA_DATA names its folder)")
    entropy = binarization_entropy(lt.data.load("mnist", split="test").x)
    assert entropy == pytest.approx(45.53, abs=0.01)
    found = reported(FOLDER, "mnist")
    assert len(found) > 10
    assert {place: nats for place, nats in found.items() if nats > -entropy} == {}


def test_a_trained_model_is_not_below_what_the_binarization_alone_costs(inked):
    """Not even on the rows that it learns by heart, to within a few nats."""
    entropy = binarization_entropy(inked)
    vae = lt.VAE(8, max_epochs=30, learning_rate=0.01, device="cpu").fit(inked)
    for found in (vae.elbo(inked).elbo.mean(), vae.score_samples(inked, 100).mean()):
        assert -2 * entropy < found < -entropy


def test_the_binarization_of_the_embedded_digits_costs_46_nats():
    assert binarization_entropy(lt.data.load("mnist5k").x) == pytest.approx(46.28, abs=0.01)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "benchmarks/results").glob("*.*")), ids=lambda path: path.name
)
def test_no_path_of_a_machine_is_in_the_results(path):
    if path.suffix in (".json", ".md"):
        text = path.read_text(encoding="utf8")
        assert "/home/" not in text and "/tmp" not in text
