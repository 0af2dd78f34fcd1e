"""`latentia evaluate` and `latentia compare`: nats, and whether they are a likelihood."""

import shutil
from math import log

import numpy as np
import pytest

import latentia as lt
from latentia.evaluation.bound import bound
from latentia.run import Run
from latentia.session import DataRequest, load_data, split_data

CONTRACT = {
    *("elbo", "reconstruction", "kl", "log_likelihood", "n_importance", "standard_error"),
    *("ess_median", "bits_per_dim", "active_units", "n_examples", "data", "split"),
    *("binarization", "is_likelihood"),
}


@pytest.fixture
def copy(tmp_path):
    def make(run, name="run"):
        return shutil.copytree(run, tmp_path / name)

    return make


def evaluated(latentia, run, *options):
    said = latentia("evaluate", run, "--json", *options)
    assert said.code == 0, said.err
    return said.json


def test_the_numbers_of_the_contract_and_how_they_hang_together(
    latentia, copy, inked_run, inked, inked_path
):
    found = evaluated(latentia, copy(inked_run), "--importance", 20)
    assert set(found) >= CONTRACT
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"], abs=1e-4)
    assert found["log_likelihood"] > found["elbo"] - 0.2
    assert found["bits_per_dim"] == pytest.approx(-found["log_likelihood"] / (36 * log(2)))
    assert (found["n_importance"], found["n_examples"], found["split"]) == (20, 12, "test")
    assert 1 <= found["ess_median"] <= 20
    assert found["standard_error"] > 0
    assert found["is_likelihood"] is True
    model = lt.load(inked_run)
    request = DataRequest(str(inked_path))
    x = inked[split_data(load_data(request), request)["test"]]
    assert found["elbo"] == pytest.approx(bound(model.model_, model.examples(x)).elbo)
    assert found["log_likelihood"] == pytest.approx(
        model.score_samples(x, 20).astype(float).mean(), rel=1e-6
    )


def test_the_same_seed_gives_the_same_numbers(latentia, copy, inked_run):
    run = copy(inked_run)
    first, again, other = (
        evaluated(latentia, run, "--importance", 5, "--seed", seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first["elbo"] != other["elbo"]


def test_more_samples_bring_the_estimate_closer_from_below(latentia, copy, inked_run):
    run = copy(inked_run)
    few, many = (evaluated(latentia, run, "--importance", k) for k in (1, 500))
    assert few["log_likelihood"] < many["log_likelihood"] + 3 * few["monte_carlo_error"] + 0.05
    none = evaluated(latentia, run, "--importance", 0)
    assert none["log_likelihood"] is None
    assert none["bits_per_dim"] == pytest.approx(-none["elbo"] / (36 * log(2)))


@pytest.mark.parametrize(
    ("which", "reason"), [("grey_run", "cross-entropy"), ("point_run", "point")]
)
def test_no_likelihood_is_marked_everywhere(request, latentia, copy, which, reason):
    run = copy(request.getfixturevalue(which))
    found = evaluated(latentia, run)
    assert found["is_likelihood"] is False
    assert reason in found["no_likelihood"]
    for name in ("log_likelihood", "n_importance", "standard_error", "ess_median", "bits_per_dim"):
        assert found[name] is None, name
    text = latentia("evaluate", run).out
    assert "* no likelihood: " in text
    assert "log p(x)" not in text
    assert ("ELBO*" in text) is (which == "grey_run")
    assert "**No likelihood**" in (run / "README.md").read_text()
    assert latentia("compare", run, run).out.count("*") >= 3


def test_only_the_whole_of_the_runs_own_parts_is_kept(latentia, copy, inked_run, inked_path):
    run = Run(copy(inked_run))
    for path in run.path.glob("evaluation-*.json"):
        path.unlink()
    evaluated(latentia, run.path, "--limit", 3, "--importance", 2)
    evaluated(latentia, run.path, "--data", inked_path, "--importance", 2)
    assert run.evaluations() == {}
    found = evaluated(latentia, run.path, "--split", "validation", "--importance", 2)
    assert run.evaluations() == {"validation": found}


def test_data_elsewhere_are_used_whole(latentia, copy, inked_run, inked, tmp_path):
    np.save(tmp_path / "other.npy", inked[:17])
    found = evaluated(
        latentia, copy(inked_run), "--data", tmp_path / "other.npy", "--importance", 2
    )
    assert (found["n_examples"], found["split"]) == (17, "all")


def test_an_array_in_memory_is_not_on_disk(latentia, inked, tmp_path):
    lt.VAE(max_epochs=1, network={"hidden": (4,)}).fit(inked).save(tmp_path / "run")
    said = latentia("evaluate", tmp_path / "run")
    assert said.code == 4
    assert "--data FILE" in said.err
    np.save(tmp_path / "x.npy", inked)
    assert latentia("evaluate", tmp_path / "run", "--data", tmp_path / "x.npy").code == 0


class TestCompare:
    def test_runs_on_one_ruler(self, latentia, copy, inked_run):
        first, second = copy(inked_run, "a"), copy(inked_run, "b")
        found = latentia("compare", first, second, "--json").json
        assert found["comparable"] is True
        assert [row["comparable"] for row in found["runs"]] == [True, True]
        assert found["runs"][0]["elbo"] == found["runs"][1]["elbo"]
        text = latentia("compare", first, second).out
        assert " !" not in text
        assert "higher is better" in text

    def test_test_numbers_are_not_held_against_validation_numbers(self, latentia, copy, inked_run):
        first, second = copy(inked_run, "a"), copy(inked_run, "b")
        for run in (first, second):
            (run / "evaluation-test.json").unlink(missing_ok=True)
        evaluated(latentia, first, "--importance", 3)
        found = latentia("compare", first, second, "--json").json
        assert found["comparable"] is False
        assert [row["split"] for row in found["runs"]] == ["test (12)", "validation (12)"]

    @pytest.mark.parametrize("other", ["grey_run", "point_run", "table_run"])
    def test_numbers_on_other_rulers_are_marked(self, request, latentia, inked_run, other):
        run = request.getfixturevalue(other)
        found = latentia("compare", inked_run, run, "--json").json
        assert [row["comparable"] for row in found["runs"]] == [True, False]
        text = latentia("compare", inked_run, run).out
        assert f"{run} !" in text
        assert "cannot be compared" in text

    def test_a_density_is_not_held_against_a_probability(
        self, latentia, inked_run, inked_path, tmp_path
    ):
        small = ("--epochs", 1, "--network.hidden", 8, "--binarize", "none")
        for likelihood in ("discretized-logistic", "gaussian", "continuous-bernoulli"):
            run = tmp_path / likelihood
            said = latentia("train", inked_path, "--out", run, *small, "--likelihood", likelihood)
            assert said.code == 0, said.err
        levels, density, other = (
            tmp_path / name
            for name in ("discretized-logistic", "gaussian", "continuous-bernoulli")
        )
        assert latentia("compare", levels, density, "--json").json["comparable"] is False
        assert latentia("compare", density, other, "--json").json["comparable"] is True

    def test_a_run_without_numbers(self, latentia, copy, inked_run):
        run = copy(inked_run)
        for name in ("metrics.jsonl", "evaluation-test.json"):
            (run / name).unlink(missing_ok=True)
        said = latentia("compare", inked_run, run)
        assert said.code == 4
        assert "no numbers yet" in said.err


def test_a_denoising_run_is_measured_with_its_noise_too(latentia, inked_path, tmp_path):
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "run", "--epochs", 2, "--latent-dim", 2),
        *("--network.hidden", 8, "--corruption", "masking", "--corruption.rate", 0.9),
    )
    assert said.code == 0, said.err
    found = evaluated(latentia, tmp_path / "run", "--importance", 0)
    noisy = found["denoising"]
    assert noisy["elbo"] == pytest.approx(noisy["reconstruction"] - noisy["kl"], abs=1e-4)
    assert noisy["kl"] != found["kl"]
    assert "from noisy x" in latentia("evaluate", tmp_path / "run", "--importance", 0).out


def test_one_example_has_no_standard_error(latentia, inked_run, copy):
    run = copy(inked_run)
    found = evaluated(latentia, run, "--importance", 5, "--limit", 1)
    assert found["standard_error"] is None and found["log_likelihood"] is not None
    assert "standard error unknown" in latentia("evaluate", run, "--limit", 1).out
