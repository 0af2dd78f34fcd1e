"""Labels that are partly missing, on the command line."""

import csv
import json
import re
import shutil

import numpy as np
import pytest

import latentia as lt
from latentia import figure as figures
from latentia.command._inputs import Asked
from latentia.command.figure import _subject as subject_of
from latentia.shell import Shell

SMALL = ("--network.hidden", 16, "--quiet")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Write two groups of people, of which one in four says which."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("table") / "people.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["height", "weight", "sex", "age"])
        for i in range(160):
            sex = rng.integers(2)
            height = rng.normal(160 + 20 * sex, 4)
            said = "fm"[sex] if i % 4 == 0 else ""
            out.writerow([height, height - 100 + rng.normal(0, 5), said, rng.uniform(20, 60)])
    return path


@pytest.fixture(scope="module")
def run(latentia, table, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "people"
    said = latentia(
        *("train", table, "--drop", "age", "--condition", "sex", "--out", path, "--epochs", 60),
        *("--learning-rate", 0.01, *SMALL),
    )
    assert said.code == 0, said.err
    return path


@pytest.fixture(scope="module")
def digits(latentia, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "digits"
    command = ["train", "digits", "--condition", "label", "--labelled", 30, "--alpha", 2.5]
    said = latentia(*command, "--epochs", 2, "--out", path, "--network.hidden", 16)
    assert said.code == 0, said.err
    return path, said.err


def config(run):
    return json.loads((run / "config.json").read_text())


def test_partly_empty_columns_need_no_option(latentia, run):
    found = config(run)
    assert found["estimator"] == "SemiSupervisedVAE" and found["model"]["partly"]
    assert found["data"]["labelled"] is None
    assert found["labelling"] == {"alpha": 1.0, "labels_first": 10.0}
    said = " ".join(found["reasons"])
    assert "a model of p(x, c), and of p(x) where c is unknown" in said
    assert "training examples have one" in said


def test_evaluate_tells_log_p_of_x_and_the_accuracy(latentia, run):
    said = latentia("evaluate", run, "--importance", 50, "--split", "train")
    assert said.code == 0, said.err
    assert "log p(x)  " in said.out and "log p(x|c)" not in said.out
    assert "accuracy" in said.out and "(of the class" in said.out
    found = latentia("evaluate", run, "--importance", 50, "--split", "train", "--json").json
    n, accuracy = found["classes"]["n"], found["classes"]["accuracy"]
    assert found["classes"]["name"] == "sex" and 25 < n < 40 and accuracy > 0.9
    expected = (accuracy * (1 - accuracy) / n) ** 0.5
    assert found["classes"]["standard_error"] == pytest.approx(expected)
    assert 0 < found["kl_of_class"] < found["kl"] and found["conditions"] == []
    assert found["elbo"] <= found["log_likelihood"] + 0.1
    card = (run / "README.md").read_text()
    assert "| log p(x) |" in card and "told from x" in card and "p(x, c)" in card


def test_under_a_condition_it_is_p_of_x_given_it(latentia, run):
    said = latentia("evaluate", run, "--importance", 20, "--condition", "sex=f", "--json")
    assert said.code == 0 and said.json["conditions"] == ["sex"]
    assert "classes" not in said.json and "kl_of_class" not in said.json
    assert "log p(x|c)" in latentia("evaluate", run, "--importance", 5, "--condition", "f").out


def test_quadrature_sums_over_classes_too(latentia, run):
    command = ["evaluate", run, "--importance", 200, "--evidence", "quadrature", "--limit", 5]
    said = latentia(*command, "--json")
    assert said.code == 0, said.err
    beside = said.json["evidence"]["log_likelihood"]
    assert beside == pytest.approx(said.json["log_likelihood"], abs=0.3)


def test_a_sandwich_is_of_the_sum_over_classes(latentia, run):
    command = ["evaluate", run, "--limit", 3, "--importance", 50, "--evidence", "annealed"]
    command += ["--evidence.temperatures", 20, "--evidence.chains", 4, "--sandwich", 20]
    found = latentia(*command, "--json")
    assert found.code == 0, found.err
    both = found.json["evidence"]["sandwich"]
    assert both["n"] == 20 and both["gap"] == pytest.approx(both["upper"] - both["lower"])
    assert abs(both["gap"]) < 1
    assert "on 20 examples drawn from the model: lower bound" in latentia(*command).out
    given = latentia(*command, "--condition", "f", "--json").json["evidence"]["sandwich"]
    assert given["lower"] != both["lower"]


def test_every_command_works_without_a_condition(latentia, run, tmp_path):
    said = latentia("encode", run, "--split", "train", "--out", tmp_path / "z.csv")
    assert said.code == 0, said.err
    with (tmp_path / "z.csv").open() as file:
        rows = list(csv.DictReader(file))
    told = [row for row in rows if row["label"]] if "label" in rows[0] else []
    assert {row["predicted"] for row in rows} == {"f", "m"}
    assert all(0.5 <= float(row["probability"]) <= 1 for row in rows)
    assert all(row["label"] in "fm" for row in told)
    assert latentia("reconstruct", run, "--out", tmp_path / "x.csv").code == 0
    assert latentia("score", run, "--importance", 20).code == 0
    said = latentia("sample", run, "-n", 200, "--out", tmp_path / "s.npy")
    assert said.code == 0, said.err
    heights = np.load(tmp_path / "s.npy")[:, 0]
    assert (heights < 165).mean() > 0.25 and (heights > 175).mean() > 0.25
    said = latentia("sample", run, "-n", 99, "--condition", "m", "--out", tmp_path / "m.npy")
    assert said.code == 0 and np.load(tmp_path / "m.npy")[:, 0].mean() > 173
    assert latentia("figure", run, "--out", tmp_path / "figures").code == 0
    said = latentia("fit-prior", run, "--out", tmp_path / "p")
    assert said.code == 2 and "latents under every class" in said.err


def test_other_examples_may_have_labels_or_none(latentia, run, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("height,weight\n158,60\n182,80\n")
    said = latentia("evaluate", run, other, "--importance", 5, "--json")
    assert said.code == 0 and "classes" not in said.json
    other.write_text("height,weight,sex\n158,60,f\n182,80,m\n170,70,\n")
    said = latentia("evaluate", run, other, "--importance", 5, "--json")
    assert said.code == 0 and said.json["classes"]["n"] == 2
    other.write_text("height,weight,sex\n158,60,x\n182,80,m\n170,70,\n")
    said = latentia("score", run, other)
    assert said.code == 2 and "'x' is no sex" in said.err


def test_labels_are_hidden_for_the_usual_experiment(latentia, digits):
    run, said = digits
    assert "30 of " in said and "alpha 2.5" in said
    found = config(run)
    assert found["data"]["labelled"] == 30 and found["labelling"]["alpha"] == 2.5
    told = latentia("evaluate", run, "--importance", 5, "--json").json["classes"]
    assert told["n"] > 150  # of the test part all are known, and none was seen


def test_the_way_between_two_is_under_the_most_probable_class_of_each(latentia, run, tmp_path):
    assert latentia("encode", run, "--out", tmp_path / "z.csv").code == 0
    with (tmp_path / "z.csv").open() as file:
        found = [row["predicted"] for row in csv.DictReader(file)]
    f, m = found.index("f"), found.index("m")
    command = ["interpolate", run, f, m, "--steps", 4, "--out", tmp_path / "way.npy"]
    said = latentia(*command)
    assert said.code == 0, said.err
    assert "first half under sex f and the rest under sex m" in said.out
    assert latentia(*command, "--json").json["classes"] == ["f", "m"]
    height = np.load(tmp_path / "way.npy")[:, 0]
    assert (height[:2] < 170).all() and (height[2:] > 170).all()
    same = ["interpolate", run, f, f, "--steps", 4, "--out", tmp_path / "way.npy"]
    assert "under sex f, the most probable of both" in latentia(*same).out
    told = latentia(*command, "--condition", "m", "--json")
    assert told.code == 0 and "classes" not in told.json
    assert (np.load(tmp_path / "way.npy")[:, 0] > 170).all()


@pytest.fixture(scope="module")
def flat(latentia, tmp_path_factory):
    """Train a model of two latents and the class of digits, and keep its epochs."""
    path = tmp_path_factory.mktemp("runs") / "flat"
    command = ["train", "digits", "--condition", "label", "--labelled", 200, "--latent-dim", 2]
    said = latentia(*command, "--snapshots", "--epochs", 3, "--out", path, *SMALL)
    assert said.code == 0, said.err
    return path


def test_all_figures_are_drawn_whatever_the_class(latentia, flat, tmp_path):
    command = ["figure", flat, "--format", "svg"]
    said = latentia(*command, "--out", tmp_path, "--json")
    assert said.code == 0, said.err
    left_out = {"ae-vs-vae", "by-latent-size", "denoising", "factors", "groups"}
    assert set(said.json["left_out"]) == left_out
    told = {path.stem: written(path) for path in tmp_path.iterdir()}
    assert set(told) == set(figures.kinds()) - left_out
    labels = lt.load(flat, device="cpu").model_.labels
    usual = int(labels.log_p.argmax())
    for kind, words in {
        "samples": "Each under a class of its own, drawn from p(y).",
        "latent-map": "Each under its most probable class.",
        "manifold": f"Under label {usual}, the most frequent class",
        "traversals": f"Under label {usual}, the most frequent class",
    }.items():
        assert words in told[kind]
    given = tmp_path / "given"
    said = latentia(*command, "manifold", "--condition", usual, "--out", given)
    assert said.code == 0, said.err
    assert f"Under label {usual}." in written(given / "manifold.svg")
    both = [_picture(path / "manifold.svg") for path in (tmp_path, given)]
    assert both[0] == both[1]
    said = latentia(*command, "manifold", "--condition", (usual + 1) % 10, "--out", given)
    assert _picture(given / "manifold.svg") != both[0]


def written(path):
    """Return the words in a figure."""
    return " ".join(" ".join(re.findall("<!-- (.*?) -->", path.read_text("utf8"), re.S)).split())


def _picture(path):
    """Return the pixels in a figure, whatever stands below it."""
    return re.search(r"data:image/png;base64,([^\"]*)", path.read_text("utf8")).group(1)


def test_what_is_decoded_alone_is_of_one_class_and_what_is_encoded_of_all(flat):
    shell = Shell(False, None, "cpu", True)
    subject = subject_of(shell, flat, Asked(), [], None, None)
    one, model = subject.of_class, lt.load(flat, device="cpu")
    usual = int(model.model_.labels.log_p.argmax())
    rows = model.predict(subject.test_x) == usual
    assert 0 < rows.sum() < len(rows) and np.array_equal(one.test_x, subject.test_x[rows])
    assert len(one.test_y) == rows.sum() and one.of_class is None and not one.open_class
    z = np.zeros((1, 2))
    expected = model.given(usual).inverse_transform(z)
    assert np.array_equal(one.model.inverse_transform(z), expected)
    assert np.array_equal(one.snapshots[-1][1].transform(one.test_x).shape, (rows.sum(), 2))


def test_a_prior_under_every_class_has_no_density_without_one(latentia, tmp_path):
    run = tmp_path / "run"
    command = ["train", "digits", "--condition", "label", "--labelled", 200, "--latent-dim", 2]
    said = latentia(*command, "--prior", "conditional", "--epochs", 2, "--out", run, *SMALL)
    assert said.code == 0, said.err
    said = latentia("figure", run, "--out", tmp_path, "--format", "svg", "--json")
    assert said.code == 0, said.err
    assert "only a standard normal" in said.json["left_out"]["manifold"]
    assert "The conditional prior of all latents is not drawn." in written(
        tmp_path / "latent-map.svg"
    )


def compared(latentia, *runs):
    found = latentia("compare", *runs, "--json")
    assert found.code == 0, found.err
    return [row["comparable"] for row in found.json["runs"]], latentia("compare", *runs).out


@pytest.fixture(scope="module")
def others(latentia, tmp_path_factory):
    """Train a model of p(x) and one of p(x|c) on the same digits, and one of p(x) on others."""
    folder = tmp_path_factory.mktemp("others")
    np.savez(folder / "same.npz", x=lt.data.load("digits").x)
    np.savez(folder / "fewer.npz", x=lt.data.load("digits").x[:-1])
    small = ("--epochs", 1, *SMALL)
    for name, command in {
        "plain": ["digits"],
        "told": ["digits", "--condition", "label"],
        "unlabelled": [folder / "same.npz"],
        "fewer": [folder / "fewer.npz"],
    }.items():
        said = latentia("train", *command, "--out", folder / name, *small)
        assert said.code == 0, said.err
    return folder


def test_it_is_held_against_models_of_p_of_x_and_not_of_x_given_c(latentia, digits, others):
    run, _ = digits
    (run / "evaluation-test.json").unlink(missing_ok=True)
    for name in ("plain", "unlabelled"):
        same, said = compared(latentia, run, others / name)
        assert same == [True, True] and "cannot be compared" not in said
    for name, why in {"told": "other conditions c of p(x|c)", "fewer": "other data"}.items():
        for pair in ([run, others / name], [others / name, run]):
            same, said = compared(latentia, *pair)
            assert same == [True, False] and f"  {pair[1]}: {why}" in said
    same, said = compared(latentia, others / "plain", others / "told")
    assert same == [True, False]


def test_runs_of_before_there_was_a_hash_of_x_can_be_read(latentia, digits, others, tmp_path):
    (digits[0] / "evaluation-test.json").unlink(missing_ok=True)
    old = {}
    for name, path in {
        "m2": digits[0],
        "plain": others / "plain",
        "told": others / "told",
    }.items():
        old[name] = shutil.copytree(path, tmp_path / name)
        written = config(old[name])
        del written["data"]["data_schema"]["sha256_x"]
        (old[name] / "config.json").write_text(json.dumps(written))
    for pair in (
        [digits[0], old["plain"]],
        [others / "plain", old["plain"]],
        [old["m2"], digits[0]],
        [old["told"], others / "told"],
    ):
        assert compared(latentia, *pair)[0] == [True, True], pair
    same, said = compared(latentia, old["m2"], others / "plain")
    assert same == [True, False] and "version that kept no hash of x" in said


def test_a_resumed_run_hides_the_same_labels(latentia, digits, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    command = ["train", "digits", "--condition", "label", "--labelled", 30, *SMALL]
    command += ["--schedule", "constant", "--seed", 5, "--labels-first", 1]
    assert latentia(*command, "--epochs", 3, "--out", whole).code == 0
    assert latentia(*command, "--epochs", 1, "--out", parts).code == 0
    resumed = ["train", "--resume", "--out", parts, "--epochs", 3]
    assert latentia(*resumed, "--labelled", 30, "--condition", "label").code == 0
    name = "model.safetensors"
    assert (whole / name).read_bytes() == (parts / name).read_bytes()
    said = latentia(*resumed, "--labelled", 40)
    assert said.code == 2 and "--labelled is 30, not 40" in said.err
    said = latentia(*resumed, "--alpha", 3.0)
    assert said.code == 2 and "--alpha is 1.0, not 3.0" in said.err
    said = latentia(*resumed, "--labels-first", 3.0)
    assert said.code == 2 and "--labels-first is 1.0, not 3.0" in said.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--labelled", 30], "there is: none"),
        (["--condition", "label", "--labelled", 5], "5 labels cannot be kept"),
        (["--condition", "label", "--labelled", 99_999], "99999 labels cannot be kept"),
        (["--condition", "label", "--alpha", 1], "--alpha does nothing here"),
        (["--condition", "label", "--labels-first", 1], "--labels-first does nothing here"),
        (["--condition", "label", "--labelled", 30, "--alpha", -1], "alpha"),
        (["--condition", "label", "--labelled", 30, "--posterior", "dirac"], "points have none"),
        (["--condition", "label", "--labelled", 30, "--objective", "mmd"], "mean over a batch"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(latentia, tmp_path, options, said):
    found = latentia("train", "digits", *options, "--epochs", 1, "--out", tmp_path / "r", *SMALL)
    assert found.code == 2 and said in found.err, found.err
    assert not (tmp_path / "r").exists()


def test_only_a_single_condition_may_be_missing(latentia, table, tmp_path):
    command = ["train", table, "--out", tmp_path / "r", "--epochs", 1, *SMALL]
    said = latentia(*command, "--condition", "sex,age")
    assert said.code == 3 and "it is one of 2" in said.err
    said = latentia(*command, "--condition", "age", "--labelled", 20)
    assert said.code == 2 and "Only a single condition that is a class" in said.err
    assert not (tmp_path / "r").exists()


def test_a_file_of_options_says_it_too(latentia, tmp_path):
    path = tmp_path / "m2.toml"
    path.write_text("condition = ['label']\nlabelled = 20\nalpha = 0.5\nepochs = 1\n")
    said = latentia("train", "digits", "--config", path, "--out", tmp_path / "r", *SMALL)
    assert said.code == 0, said.err
    assert config(tmp_path / "r")["data"]["labelled"] == 20
    path.write_text("condition = ['label']\nlabelled = 'few'\n")
    said = latentia("train", "digits", "--config", path, "--out", tmp_path / "s", *SMALL)
    assert said.code == 2 and "labelled" in said.err


def test_latents_have_to_be_decoded_under_a_class(latentia, digits, tmp_path):
    path, _ = digits
    assert latentia("encode", path, "--out", tmp_path / "z.csv").code == 0
    said = latentia("decode", path, tmp_path / "z.csv", "--out", tmp_path / "x.npy")
    assert said.code == 2 and "--condition NAME=VALUE" in said.err
    assert "writes latents that fit" not in said.err
    told = latentia(
        "decode", path, tmp_path / "z.csv", "--condition", 3, "--out", tmp_path / "x.npy"
    )
    assert told.code == 0, told.err
