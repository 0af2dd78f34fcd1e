"""A point has no KL to a density: everything that shows a run's numbers says the same of it."""

import json

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import latentia as lt
from latentia.app.operation.score import Score, ScoreOptions
from latentia.run import Run

SMALL = ("--epochs", 2, "--network.hidden", 8, "--latent-dim", 2)
MODELS = {
    "plain": ("--posterior", "dirac", "--prior", "standard-normal"),
    "wae": ("--posterior", "dirac", "--objective", "mmd"),
    "rae": ("--posterior", "dirac", "--objective", "rae"),
    "flat": ("--posterior", "dirac", "--prior", "flat"),
}


@pytest.fixture(scope="module")
def trained(latentia, inked_path, tmp_path_factory):
    """What the command line said of each model while it trained, and where it lies."""
    folder = tmp_path_factory.mktemp("points")
    found = {}
    for name, options in MODELS.items():
        said = latentia("train", inked_path, "--out", folder / name, *SMALL, *options, "--json")
        assert said.code == 0, said.err
        found[name] = folder / name, said
    return found


@pytest.fixture(params=list(MODELS))
def one(request, trained):
    return request.param, *trained[request.param]


def test_log_p_of_z_is_that_of_the_points_and_the_rest_is_none(one, inked):
    name, path, _ = one
    # Black and white already, so that no coin is thrown before the encoder sees them.
    model, inked = lt.load(path), np.where(inked > 127, 255, 0).astype(np.uint8)
    nats = model.elbo(inked)
    assert nats.elbo is nats.kl is nats.kl_per_dim is None
    if name == "flat":
        assert nats.log_pz is None
    else:
        expected = multivariate_normal(np.zeros(2)).logpdf(model.transform(inked))
        np.testing.assert_allclose(nats.log_pz, expected, rtol=1e-5)


def test_all_rows_of_metrics_say_so_and_the_best_epoch_is_still_found(one):
    name, path, said = one
    rows = Run(path).metrics()
    assert len(rows) == 4
    for row in rows:
        assert row["elbo"] is row["kl"] is None and np.isfinite(row["reconstruction"])
        assert ("log_pz" in row) is (name != "flat")
        assert ("objective" in row) is (row["split"] == "validation")
    if name in ("plain", "flat"):  # whose objective is log p(x|z) + log p(z)
        for row in rows[1::2]:
            total = row["reconstruction"] + row.get("log_pz", 0.0)
            assert row["objective"] == pytest.approx(total, abs=1e-4)
    best = max(rows[1::2], key=lambda row: row["objective"])
    assert said.json["epoch"] == best["epoch"]
    assert said.json["validation"]["elbo"] is said.json["validation"]["kl"] is None
    assert said.json["validation"].get("log_pz") == best.get("log_pz")


def test_every_command_says_the_same(one, latentia, inked):
    name, path, training = one
    proper = name != "flat"
    evaluated = latentia("evaluate", path, "--json").json
    scored = latentia("score", path, "--top", 3, "--json").json
    texts = {
        "train": training.err,
        "evaluate": latentia("evaluate", path).out,
        "score": latentia("score", path).out,
        "compare": latentia("compare", path, path).out,
        "card": (path / "README.md").read_text(),
    }
    for what, text in texts.items():
        numbers = text.split("## Numbers")[-1].split("## Data")[0]
        assert "ELBO*" not in numbers and " - KL" not in numbers, (what, text)
        if what in ("train", "evaluate", "score"):
            assert "reconstruction* " in text and ("log p(z)" in text) is proper, (what, text)
    assert ("log p(z) at the points" in texts["card"]) is proper
    assert "| - |" in texts["card"]
    assert evaluated["elbo"] is evaluated["kl"] is None
    assert scored["score"] == "reconstruction"
    nats = lt.load(path).elbo(inked[-12:])
    assert scored["mean"] == pytest.approx(evaluated["reconstruction"], abs=1e-4)
    assert set(scored["least"][0]) >= {"reconstruction"} | ({"log_pz"} if proper else set())
    assert not {"elbo", "kl"} & set(scored["least"][0])
    if proper:
        assert evaluated["log_pz"] < 0 and nats.log_pz is not None
    for row in latentia("compare", path, path, "--json").json["runs"]:
        assert row["elbo"] is row["kl"] is None and not row["is_likelihood"]


def test_tables_of_scores_have_no_empty_columns_and_arrays_keep_their_places(
    one, latentia, tmp_path
):
    name, path, _ = one
    for suffix in ("csv", "npy"):
        assert latentia("score", path, "--out", tmp_path / f"s.{suffix}").code == 0
    head = (tmp_path / "s.csv").read_text().splitlines()[0].replace('"', "").split(",")
    assert head == ["example", "row", "reconstruction", *["log_pz"] * (name != "flat")]
    array = np.load(tmp_path / "s.npy")
    assert array.shape == (12, 4 + (name != "flat"))
    assert np.isnan(array[:, [1, 3]]).all() and np.isfinite(array[:, 2]).all()


def test_the_service_says_so_too(one, inked):
    name, path, _ = one
    model = lt.load(path)
    asked = ScoreOptions()
    found = Score().run(model, inked[:5], asked, lambda: True)
    told = Score().told(found, asked, model)
    assert told["elbo"] is told["kl"] is told["log_likelihood"] is None and told["n"] == 5
    assert (told["log_pz"] is None) is (name == "flat")
    array = Score().array(found)
    assert array.shape == (5, 6) and np.isnan(array[:, [0, 1, 3, 4, 5]]).all()


def test_curves_are_of_what_there_is(one, latentia, tmp_path):
    _, path, _ = one
    said = latentia("figure", path, "learning-curves", "--out", tmp_path, "--json")
    assert said.code == 0, said.err
    assert (tmp_path / "learning-curves.png").exists()


def test_training_that_runs_away_does_not_speak_of_a_kl(latentia, inked_path, tmp_path):
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "run", *SMALL, *MODELS["plain"]),
        *("--learning-rate", 1e6, "--clip", 1e9),
    )
    assert said.code == 4 and "diverged" in said.err
    assert "KL" not in said.err and "ELBO" not in said.err
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert "ELBO" not in config["diverged"]
