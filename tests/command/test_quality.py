"""`latentia quality`: samples of a run beside a floor, in features with a name."""

import json

import numpy as np
import pytest

import latentia as lt

NUMBERS = ("frechet_squared", "precision", "recall", "density", "coverage")


@pytest.fixture(scope="module")
def run(latentia, tmp_path_factory):
    """Train a VAE of 1,797 digits of 8 x 8, of which 180 are for the test."""
    path = tmp_path_factory.mktemp("runs") / "digits"
    small = ("--epochs", 3, "--network", "mlp", "--network.hidden", 16, "--latent-dim", 2)
    said = latentia("train", "digits", "--out", path, *small)
    assert said.code == 0, said.err
    return path


def test_the_numbers_are_those_of_the_estimator_on_the_run_s_own_parts(latentia, run):
    asked = ("--feature", "pca", "--feature.components", 5, "--neighbours", 3, "--seed", 2)
    said = latentia("quality", run, *asked, "--json")
    assert said.code == 0, said.err
    found = said.json
    data = lt.data.load("digits")
    record = json.loads((run / "config.json").read_text())["data"]
    assert found["n"] == record["n_test"]
    parts = data.split(validation=record["validation"], test=record["test"])
    known = lt.load(run).quality(
        data.x[parts["test"]],
        data.x[parts["train"]],
        feature={"name": "pca", "components": 5},
        neighbours=3,
        random_state=2,
    )
    for name, value in known.summary().items():
        assert found[name] == pytest.approx(value), name
    assert found["feature"] == {"name": "pca", "components": 5, "sha256": None}
    assert (found["data"], found["split"]) == ("digits", "test")
    assert found["floor_of"] == "training examples"
    assert (found["values"], found["seed"]) == ("draw", 2)


def test_the_text_says_all_that_a_number_depends_on(latentia, run):
    said = latentia("quality", run, "--feature", "pca", "-n", 150, "--values", "mean")
    assert said.code == 0, said.err
    numbers = latentia("quality", run, "--feature", "pca", "-n", 150, "--values", "mean", "--json")
    head, feature, _, samples, floor, expected, last = said.out.splitlines()
    assert head.startswith("digits, test: 150 means E[x|z]")
    assert "the 64 features of pca" in feature and "neighbour 5" in feature
    for line, row in ((samples, numbers.json), (floor, numbers.json["floor"])):
        four = [float(word) for word in line.split()[-4:]]
        assert four == pytest.approx([row[name] for name in NUMBERS[1:]], abs=6e-4)
    distance = float(samples.split("+-")[0].split()[-1])
    assert distance == pytest.approx(numbers.json["frechet_squared"], rel=0.05)
    assert "training examples" in floor and "expected" in expected
    assert "no likelihood" in last


def test_other_data_are_halved(latentia, run, tmp_path):
    x = lt.data.load("digits").x
    path = tmp_path / "others.npy"
    np.save(path, x[:401])
    found = latentia("quality", run, path, "--feature", "pca", "--json")
    assert found.code == 0, found.err
    assert found.json["n"] == 200 and found.json["floor_of"] == "the other half"
    # The halves have no example in common, or they would be nearer than two samples of one law.
    assert found.json["floor"]["frechet_squared"] > 0.5 * found.json["frechet_bias"]
    assert found.json["floor"]["density"] < 1.3
    again = latentia("quality", run, "--data", path, "--feature", "pca", "--json")
    assert again.json == found.json


def test_a_model_of_p_of_x_given_c_needs_the_conditions(latentia, tmp_path):
    small = ("--epochs", 1, "--network", "mlp", "--network.hidden", 16, "--latent-dim", 2)
    given = tmp_path / "given"
    said = latentia("train", "digits", "--condition", "label", "--out", given, *small)
    assert said.code == 0, said.err
    found = latentia("quality", given, "--feature", "pca", "--json")
    assert found.code == 0 and found.json["n"] > 100, found.err
    np.save(tmp_path / "bare.npy", lt.data.load("digits").x[:400])
    said = latentia("quality", given, tmp_path / "bare.npy", "--feature", "pca")
    assert said.code == 2 and "no conditions to sample under" in said.err, said.err


def test_data_that_no_classifier_was_made_for_need_a_feature_by_name(latentia, run):
    said = latentia("quality", run)
    assert said.code == 2
    assert "made for 'digits'" in said.err and "--feature pca" in said.err
    said = latentia("quality", run, "--feature", "mnist-classifier")
    assert said.code == 2 and "28x28 grey images" in said.err
    said = latentia("quality", run, "--feature", "inception")
    assert said.code == 2 and "mnist-classifier" in said.err


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("-n", 99), "Fewer than 100"),
        (("-n", 0), "1 or more"),
        (("--neighbours", 0), "1 or more"),
        (("--neighbours", 500), "no neighbour number 500"),
        (("--feature.components", 0), "At least one component"),
    ],
)
def test_what_cannot_be_is_refused(latentia, run, options, what):
    said = latentia("quality", run, "--feature", "pca", *options)
    assert said.code == 2 and what in said.err, said.err


def test_a_run_that_has_no_samples_of_images_is_refused(latentia, point_run, table_run, inked_run):
    said = latentia("quality", point_run, "--feature", "pca")
    assert said.code == 4 and "latentia fit-prior" in said.err
    said = latentia("quality", table_run, "--feature", "pca")
    assert said.code == 4 and "row of numbers" in said.err
    said = latentia("quality", inked_run, "--feature", "pca")
    assert said.code == 2 and "there are 12 examples to compare with" in said.err


def test_means_of_a_decoder_without_one_are_refused(latentia, inked_path, tmp_path):
    small = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2, "--quiet")
    run = tmp_path / "run"
    made = latentia("train", inked_path, "--likelihood", "autoregressive", *small, "--out", run)
    assert made.code == 0, made.err
    said = latentia("quality", run, "--feature", "pca", "--values", "mean")
    assert said.code == 2 and "no mean" in said.err and not said.out
