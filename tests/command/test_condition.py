"""p(x|c) on the command line, from training to a picture of every condition."""

import csv

import numpy as np
import pytest


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("table") / "people.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["height", "weight", "sex", "age"])
        for _ in range(120):
            sex, age = rng.integers(2), rng.uniform(20, 60)
            height = rng.normal(165 + 12 * sex, 6)
            out.writerow([height, height - 100 + age / 5 + rng.normal(0, 5), "fm"[sex], age])
    return path


@pytest.fixture(scope="module")
def run(latentia, table, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "people"
    command = ["train", table, "--condition", "sex,age", "--out", path, "--epochs", 60]
    said = latentia(*command, "--prior", "conditional", "--quiet")
    assert said.code == 0, said.err
    return path


def test_columns_that_are_conditions_are_told_and_are_no_data(latentia, table, tmp_path):
    said = latentia(
        "train", table, "--condition", "sex,age", "--out", tmp_path / "r", "--epochs", 1
    )
    assert said.code == 0
    assert "sex (2 classes), age: this is a model of p(x|c)" in said.err


def test_examples_bring_their_own_conditions(latentia, run, tmp_path):
    said = latentia("evaluate", run, "--importance", 20, "--json")
    assert said.code == 0 and np.isfinite(said.json["log_likelihood"])
    assert said.json["conditions"] == ["sex", "age"]
    assert "log p(x|c)" in latentia("evaluate", run, "--importance", 20).out
    card = (run / "README.md").read_text()
    assert "a model of p(x|c)" in card and "log p(x|c)" in card and ".given({'sex'" in card
    for command in ("encode", "reconstruct"):
        assert latentia(command, run, "--out", tmp_path / f"{command}.csv").code == 0
    assert latentia("score", run, "--importance", 20).code == 0


def test_samples_are_those_of_the_condition(latentia, run, tmp_path):
    heights = {}
    for sex in "fm":
        out = tmp_path / f"{sex}.npy"
        said = latentia("sample", run, "-n", 400, "--condition", f"sex={sex},age=40", "--out", out)
        assert said.code == 0 and f"under sex={sex},age=40" in said.out, said.err
        heights[sex] = np.load(out)[:, 0].mean()
    assert heights["m"] - heights["f"] > 6


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (None, "nothing says c: sex, age"),
        ("sex=f", "Nothing is said of age"),
        ("sex=f,age=old", "'old' is no number for age"),
        ("sex=x,age=3", "'x' is no sex"),
        ("colour=red", "no condition 'colour'"),
        ("sex=f,40", "does not say what is which"),
        ("f", "1 conditions, and the model has 2"),
    ],
)
def test_what_cannot_be_sampled_is_said_before_anything_is_written(
    latentia, run, tmp_path, condition, said
):
    given = [] if condition is None else ["--condition", condition]
    found = latentia("sample", run, "-n", 4, "--out", tmp_path / "s.csv", *given)
    assert found.code == 2 and said in found.err and "--condition" in found.err
    assert not (tmp_path / "s.csv").exists()


def test_other_examples_need_their_conditions_or_one_for_all(latentia, run, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("height,weight\n170,70\n180,80\n")
    said = latentia("score", run, other)
    assert said.code == 2 and "nothing says c" in said.err
    assert latentia("score", run, other, "--condition", "sex=f,age=30").code == 0
    other.write_text("height,weight,sex,age\n170,70,f,30\n180,80,m,40\n")
    assert latentia("score", run, other).code == 0
    other.write_text("height,weight,sex,age\n170,70,f,\n180,80,m,40\n")
    said = latentia("score", run, other)
    assert said.code == 2 and "age" in said.err


def test_a_run_of_p_of_x_takes_no_condition(latentia, inked_run, tmp_path):
    said = latentia("sample", inked_run, "--condition", "label=3", "--out", tmp_path / "s.npy")
    assert said.code == 2 and "no conditions" in said.err


def test_an_autoencoder_has_none(latentia, table, tmp_path):
    said = latentia(
        "train",
        table,
        "--condition",
        "sex",
        "--posterior",
        "dirac",
        "--prior",
        "flat",
        "--out",
        tmp_path / "r",
    )
    assert said.code == 2 and "autoencoder" in said.err
    assert not (tmp_path / "r").exists()


def test_figures_of_every_condition_and_under_one(latentia, tmp_path):
    run = tmp_path / "digits"
    said = latentia(
        "train",
        "mnist5k",
        "--condition",
        "label",
        "--epochs",
        2,
        "--out",
        run,
        "--network",
        "mlp",
        "--network.hidden",
        32,
        "--quiet",
    )
    assert said.code == 0, said.err
    said = latentia("figure", run, "--json")
    assert said.code == 0
    assert [path.rsplit("/")[-1] for path in said.json["figures"]] == [
        "conditions.png",
        "learning-curves.png",
    ]
    assert "--condition label=VALUE" in said.json["left_out"]["manifold"]
    said = latentia("figure", run, "manifold", "reconstructions", "latent-map", "--condition", 3)
    assert said.code == 0, said.err
    assert (
        latentia("interpolate", run, 0, 1, "--condition", 3, "--out", tmp_path / "i.png").code == 0
    )
    said = latentia("train", "--resume", "--out", run, "--condition", "label", "--epochs", 3)
    assert said.code == 0, said.err
    said = latentia(
        "evaluate",
        run,
        "--importance",
        0,
        "--evidence",
        "annealed",
        "--evidence.temperatures",
        5,
        "--sandwich",
        4,
        "--limit",
        4,
        "--condition",
        3,
    )
    assert said.code == 0, said.err


def test_numbers_under_another_condition_are_not_the_runs_own(latentia, run):
    own = latentia("evaluate", run, "--importance", 10, "--json").json
    kept = (run / "evaluation-test.json").read_bytes()
    other = latentia("evaluate", run, "--importance", 10, "--condition", "sex=f,age=30", "--json")
    assert other.json["elbo"] != own["elbo"] and other.json["condition"] == "sex=f,age=30"
    assert (run / "evaluation-test.json").read_bytes() == kept
    said = latentia("evaluate", run, "--importance", 0, "--condition", "sex=f,age=30")
    assert "all under sex=f,age=30" in said.out


def test_p_of_x_under_conditions_is_not_held_against_p_of_x(latentia, run, table, tmp_path):
    plain = tmp_path / "plain"
    command = ["train", table, "--columns", "height", "--out", plain, "--epochs", 1, "--quiet"]
    assert latentia(*command).code == 0
    said = latentia("compare", plain, run).out
    assert f"{run}: other conditions c of p(x|c)" in said and "another kind" not in said


def test_a_sandwich_under_no_condition_is_refused_before_anything_is_done(latentia, run):
    command = ["evaluate", run, "--evidence", "annealed", "--evidence.temperatures", 3]
    said = latentia(*command, "--sandwich", 2)
    assert said.code == 2 and "under one condition" in said.err and not said.out
    said = latentia(*command, "--sandwich", 2, "--limit", 3, "--condition", "sex=f,age=30")
    assert said.code == 0, said.err


def test_estimators_that_look_at_the_prior_know_the_condition(latentia, run):
    said = latentia(
        "evaluate", run, "--importance", 50, "--evidence", "quadrature", "--limit", 5, "--json"
    )
    assert said.code == 0, said.err
    assert said.json["evidence"]["log_likelihood"] >= said.json["log_likelihood"] - 0.2


def test_a_column_is_data_or_a_condition(latentia, table, tmp_path):
    said = latentia(
        "train", table, "--columns", "height,age", "--condition", "age", "--out", tmp_path / "r"
    )
    assert said.code == 2 and "at once: age" in said.err
    assert not (tmp_path / "r").exists()


def test_a_cell_that_is_no_condition_is_found(latentia, run, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("height,weight,sex,age\n170,70,f,40\n180,80,x,50\n")
    said = latentia("score", run, other)
    assert said.code == 2 and "'x' is no sex" in said.err and "row 1" in said.err
    other.write_text("height,weight,sex,age\n170,70,f,40\n180,80,m,old\n175,80,m,44\n")
    said = latentia("score", run, other)
    assert said.code in (2, 3) and "old" in said.err and "'40'" not in said.err
