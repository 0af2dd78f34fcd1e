"""`latentia quality`: samples of a run beside a floor, in features with a name."""

import json
import shutil
from datetime import UTC, date, datetime

import numpy as np
import pytest

import latentia as lt
from latentia.feature.mnist_classifier import MnistClassifier
from latentia.run import Run

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


@pytest.fixture(scope="module")
def told(latentia, tmp_path_factory):
    """Train on digits that are all told their label, or some are: a CVAE and M2."""
    folder = tmp_path_factory.mktemp("told")
    small = ("--epochs", 1, "--network", "mlp", "--network.hidden", 16, "--latent-dim", 2)
    for name, more in (("cvae", ()), ("m2", ("--labelled", 300))):
        said = latentia("train", "mnist5k", "--condition", "label", *more, "--test", 0.4,
                        "--out", folder / name, *small)  # fmt: skip
        assert said.code == 0, said.err
    return folder


@pytest.mark.parametrize("name", ["cvae", "m2"])
def test_under_a_condition_only_its_images_count(latentia, told, name):
    asked = ("--feature", "pca", "--feature.components", 5, "--seed", 1)
    said = latentia("quality", told / name, *asked, "--condition", "label=3", "--json")
    assert said.code == 0, said.err
    data, model = lt.data.load("mnist5k"), lt.load(told / name)
    parts = data.split(validation=model.config_.data.validation, test=model.config_.data.test)
    three = {part: rows[data.y[rows] == 3] for part, rows in parts.items()}
    known = model.given(3).quality(
        data.x[three["test"]],
        data.x[three["train"]],
        feature={"name": "pca", "components": 5},
        random_state=1,
    )
    for number, value in known.summary().items():
        assert said.json[number] == pytest.approx(value), number
    assert said.json["condition"] == "label=3"
    assert not list((told / name).glob("quality-*"))  # it is none of the run's own conditions
    said = latentia("quality", told / name, *asked, "--condition", "3")
    assert f"{known.n} samples x ~ p(x|z)" in said.out and ", all under 3" in said.out


def test_a_condition_that_cannot_be(latentia, told, run, tmp_path):
    said = latentia("quality", told / "cvae", "--feature", "pca", "--condition", "label=12")
    assert said.code == 2 and "label" in said.err
    said = latentia("quality", run, "--feature", "pca", "--condition", "label=3")
    assert said.code == 2 and "condition" in said.err
    x, y = lt.data.load("mnist5k").x[:400], lt.data.load("mnist5k").y[:400]
    np.savez(tmp_path / "some.npz", x=x[y != 3], y=y[y != 3])
    asked = ("--feature", "pca", "--condition", "label=3")
    said = latentia("quality", told / "cvae", tmp_path / "some.npz", *asked)
    assert said.code == 2 and "Of no image is this condition true" in said.err, said.err


class TestKept:
    """The run and its model card have the numbers of its own data, and no path."""

    @pytest.fixture
    def own(self, run, tmp_path):
        path = shutil.copytree(run, tmp_path / "kept")
        for known in path.glob("quality-*"):
            known.unlink()
        return path

    def test_the_numbers_are_kept_with_what_was_asked(self, latentia, own):
        said = latentia("quality", own, "--feature", "pca", "--seed", 2, "--json")
        kept = json.loads((own / "quality-test-draw-pca.json").read_text())
        made = {"run": "kept", "latentia": lt.__version__, "date": kept["date"]}
        assert kept == said.json | made
        assert date.fromisoformat(kept["date"]) <= datetime.now(UTC).date()
        assert kept["feature"]["name"] == "pca" and kept["seed"] == 2
        card = (own / "README.md").read_text()
        row = f"test | pca | 180 | {kept['frechet_squared']:.4g} "
        assert f"| samples x ~ p(x\\|z) of black and white | {row}" in card
        for text in (card, json.dumps(kept)):
            assert str(own.parent) not in text

    def test_others_stand_beside_and_few_do_not_replace_many(self, latentia, own):
        for asked in (
            (),
            ("-n", 100, "--seed", 5),
            ("--values", "mean"),
            ("--split", "validation"),
        ):
            assert latentia("quality", own, "--feature", "pca", *asked).code == 0
        found = Run(own).measured("quality")
        names = ("test-draw", "test-mean", "validation-draw")
        assert [*found] == [f"quality-{name}-pca" for name in names]
        assert found["quality-test-draw-pca"]["n"] == 180
        assert (own / "README.md").read_text().count("| pca |") == 3

    def test_other_data_are_not_the_runs(self, latentia, own, tmp_path):
        np.save(tmp_path / "others.npy", lt.data.load("digits").x[:401])
        assert latentia("quality", own, tmp_path / "others.npy", "--feature", "pca").code == 0
        assert not Run(own).measured("quality")

    def test_they_go_with_the_weights(self, latentia, own):
        assert latentia("quality", own, "--feature", "pca").code == 0
        model = Run(own).load_model()
        Run(own).save_model(model)
        assert Run(own).measured("quality")
        model.likelihood.bias.data.add_(1)
        Run(own).save_model(model)
        assert not Run(own).measured("quality")

    def test_a_broken_file_is_named(self, latentia, own):
        (own / "quality-test-draw-pca.json").write_text("{")
        said = latentia("quality", own, "--feature", "pca")
        assert said.code == 4 and "latentia quality" in said.err and "Traceback" not in said.err

    def test_the_classifiers_hash_is_kept(self, latentia, tmp_path):
        small = ("--epochs", 1, "--network", "mlp", "--network.hidden", 16, "--latent-dim", 2)
        assert latentia("train", "mnist5k", "--out", tmp_path / "run", *small).code == 0
        assert latentia("quality", tmp_path / "run", "-n", 200).code == 0
        (kept,) = Run(tmp_path / "run").measured("quality").values()
        assert kept["feature"] == {
            "name": "mnist-classifier",
            "sha256": MnistClassifier.sha256,
        }
        assert MnistClassifier.sha256[:8] in (tmp_path / "run" / "README.md").read_text()


def test_of_a_cost_pictures_are_compared_and_no_draws(latentia, tmp_path):
    run = tmp_path / "run"
    small = ("--epochs", 1, "--network", "mlp", "--network.hidden", 16, "--latent-dim", 2)
    cost = ("--likelihood", "ms-ssim", "--likelihood.window", 5)
    said = latentia("train", "digits", "--out", run, *small, *cost)
    assert said.code == 0, said.err
    drawn, mean = (
        latentia("quality", run, "--feature", "pca", "--values", values, "--json").json
        for values in ("draw", "mean")
    )
    assert drawn["kind"] == mean["kind"] == "pictures decoded, and real examples as they are"
    assert "p(x|z)" not in (run / "README.md").read_text()
    assert all(drawn[name] == mean[name] for name in NUMBERS)


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
