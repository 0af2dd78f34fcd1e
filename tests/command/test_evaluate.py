"""`latentia evaluate` and `latentia compare`: nats, and whether they are a likelihood."""

import shutil
from math import log

import numpy as np
import pytest

import latentia as lt
from latentia.errors import MachineError
from latentia.evaluation.bound import bound
from latentia.request import DataRequest, load_data, split_data
from latentia.run import Run

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
    few, many = (evaluated(latentia, run, "--importance", k) for k in (2, 500))
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
    # In the folder, run and data have names that are true wherever it goes.
    names = {"run": run.name, "data": inked_path.name}
    assert found["data"] == str(inked_path)
    assert run.evaluations() == {"validation": found | names}


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


# What is said of each beside one of black and white.
_OTHER = {
    "grey_run": "another binarization, only one of them is a likelihood",
    "point_run": "only one of them is a likelihood, one is an autoencoder, which has no q(z|x)",
    "table_run": "other data, other parts of the data, another binarization, "
    "one is a probability, the other a density",
}


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
        (line,) = (line for line in text.split("\n") if line.startswith(f"  {run}: "))
        # Of another split too, if one of them was evaluated by a test before.
        assert line.replace("another split, ", "") == f"  {run}: {_OTHER[other]}"

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

    def test_a_cost_is_no_density_beside_a_probability(self, latentia, tmp_path):
        rng = np.random.default_rng(0)
        np.save(tmp_path / "x.npy", rng.integers(0, 256, (40, 12, 12), dtype=np.uint8))
        small = ("--epochs", 1, "--network", "mlp", "--network.hidden", 8, "--binarize", "none")
        runs = [tmp_path / name for name in ("discretized-logistic", "ms-ssim", "gaussian")]
        for run in runs:
            wanted = ("train", tmp_path / "x.npy", *small, "--likelihood", run.name)
            said = latentia(*wanted, "--out", run)
            assert said.code == 0, said.err
        text = latentia("compare", *runs).out
        assert "ms-ssim: only one of them is a likelihood, another unit\n" in text
        assert "gaussian: one is a probability, the other a density" in text

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


def test_one_example_has_no_standard_error_and_one_sample_none_of_its_own(
    latentia, inked_run, copy
):
    run = copy(inked_run)
    found = evaluated(latentia, run, "--importance", 5, "--limit", 1)
    assert found["standard_error"] is None and found["log_likelihood"] is not None
    assert "standard error unknown over" in latentia("evaluate", run, "--limit", 1).out
    found = evaluated(latentia, run, "--importance", 1)
    assert found["monte_carlo_error"] is None and found["standard_error"] > 0
    assert "unknown of the estimate" in latentia("evaluate", run, "--importance", 1).out


@pytest.fixture(scope="module")
def linear_run(latentia, table_path, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "linear"
    linear = ("--network", "linear", "--likelihood", "gaussian", "--latent-dim", 2)
    said = latentia("train", table_path, "--out", path, "--epochs", 2, *linear)
    assert said.code == 0, said.err
    return path


class TestAnotherEstimator:
    """`--evidence NAME`, its options, and the sandwich."""

    quick = ("--evidence", "annealed", "--evidence.temperatures", 4, "--evidence.chains", 2)

    def test_it_stands_beside_importance_sampling_with_its_options(
        self, latentia, copy, inked_run
    ):
        run = copy(inked_run)
        options = ("--evidence", "defensive", "--evidence.samples", 50, "--evidence.width", "2.5")
        found = evaluated(latentia, run, "--importance", 20, *options)
        beside = found["evidence"]
        assert (beside["name"], beside["samples"], beside["width"]) == ("defensive", 50, 2.5)
        errors = found["monte_carlo_error"] + beside["monte_carlo_error"]
        assert beside["log_likelihood"] == pytest.approx(
            found["log_likelihood"], abs=5 * errors + 0.3
        )
        assert 1 <= beside["ess_5"] <= beside["ess_median"] <= 50
        alone = evaluated(latentia, run, "--importance", 20)
        assert {**found, "evidence": None} == alone | {"bits_per_dim": found["bits_per_dim"]}
        best = max(found["log_likelihood"], beside["log_likelihood"])
        assert found["bits_per_dim"] == pytest.approx(-best / (36 * log(2)))

    def test_the_text_says_how(self, latentia, copy, inked_run):
        said = latentia("evaluate", copy(inked_run), "--importance", 10, *self.quick)
        first, second = (line for line in said.out.splitlines() if "log p(x)" in line)
        assert "importance sampling, k = 10" in first
        assert "annealed, temperatures = 4, chains = 2, leaps = 5, start = prior" in second
        assert said.out.count("standard error") == 2
        assert "ladder" in said.out and "(k = 10)" in said.out

    def test_alone_it_replaces_importance_sampling(self, latentia, copy, inked_run):
        options = ("--importance", 0, "--evidence", "naive", "--evidence.samples", 10)
        found = evaluated(latentia, copy(inked_run), *options)
        assert found["log_likelihood"] is None
        beside = found["evidence"]["log_likelihood"]
        assert found["bits_per_dim"] == pytest.approx(-beside / (36 * log(2)))
        assert [rung["k"] for rung in found["evidence"]["ladder"]] == [1, 10]

    def test_a_linear_gaussian_run_has_its_exact_value_unasked(self, latentia, copy, linear_run):
        run = copy(linear_run)
        found = evaluated(latentia, run, "--importance", 500)
        exact = found["evidence"]
        assert (exact["name"], exact["monte_carlo_error"]) == ("exact", 0)
        gap = exact["log_likelihood"] - found["log_likelihood"]
        assert abs(gap) < 5 * found["monte_carlo_error"] + 0.05
        assert found["bits_per_dim"] == pytest.approx(-exact["log_likelihood"] / (3 * log(2)))
        assert "nats per example  exact" in latentia("evaluate", run).out
        assert "(exact)" in (run / "README.md").read_text()

    def test_another_named_takes_the_place_of_the_exact_one(self, latentia, copy, linear_run):
        found = evaluated(latentia, copy(linear_run), *self.quick, "--importance", 0)
        assert found["evidence"]["name"] == "annealed"

    def test_others_have_no_exact_value(self, latentia, copy, inked_run):
        run = copy(inked_run)
        assert evaluated(latentia, run, "--importance", 2)["evidence"] is None
        said = latentia("evaluate", run, "--evidence", "exact")
        assert said.code == 2
        assert "closed form" in said.err and "--network linear" in said.err

    def test_a_sandwich(self, latentia, copy, linear_run):
        run = copy(linear_run)
        options = (*self.quick, "--importance", 0, "--sandwich", 3)
        found = evaluated(latentia, run, *options)["evidence"]["sandwich"]
        assert found["n"] == 3
        assert found["gap"] == pytest.approx(found["upper"] - found["lower"])
        said = latentia("evaluate", run, *options)
        assert f"lower bound {found['lower']:.2f}, upper bound {found['upper']:.2f}" in said.out
        assert f"gap {found['gap']:.3f} +- {found['gap_standard_error']:.3f}" in said.out
        one = latentia("evaluate", run, *options[:-1], 1)
        assert "gap" in one.out and "+-" not in one.out

    @pytest.mark.parametrize(
        "options", [(), ("--evidence", "naive"), ("--evidence", "quadrature")]
    )
    def test_a_sandwich_is_of_the_annealed_alone(self, latentia, inked_run, options):
        said = latentia("evaluate", inked_run, "--sandwich", 5, *options)
        assert said.code == 2
        assert "--evidence annealed --sandwich 5" in said.err

    @pytest.mark.parametrize(
        ("options", "parts"),
        [
            (("--evidence", "anealed"), ("Did you mean 'annealed'?", "quadrature")),
            (("--evidence.samples", 5), ("which estimator", "--evidence annealed or")),
            (("--evidence", "naive", "--evidence.width", 2), ("one of defensive",)),
            (("--evidence", "naive", "--evidence.samples", "x"), ("'x' is no number",)),
            (("--evidence", "naive", "--evidence.samples", 0), ("at least 1",)),
            (("--evidence", "naive", "--evidence.sample", 5), ("--evidence.samples",)),
            (("--evidence", "annealed", "--evidence.start", "x"), ("prior, posterior",)),
            (("--importance", -1), ("not negative", "--importance -1")),
            (("--sandwich", -1), ("not negative", "--sandwich -1")),
            (("--limit", 0), ("limit", "--limit 0")),
        ],
    )
    def test_what_cannot_be_is_refused(self, latentia, inked_run, options, parts):
        said = latentia("evaluate", inked_run, *options)
        assert (said.code, said.out) == (2, "")
        for part in parts:
            assert part in said.err

    def test_quadrature_agrees_with_the_exact_value(self, latentia, copy, linear_run):
        run = copy(linear_run)
        exact = evaluated(latentia, run, "--importance", 0)["evidence"]
        grid = evaluated(latentia, run, "--importance", 0, "--evidence", "quadrature")["evidence"]
        assert grid["log_likelihood"] == pytest.approx(exact["log_likelihood"], abs=1e-3)

    @pytest.mark.parametrize("which", ["grey_run", "point_run"])
    @pytest.mark.parametrize(
        "options", [("--importance", 100), ("--evidence", "naive"), ("--sandwich", 2)]
    )
    def test_a_run_without_likelihood_is_refused(self, request, latentia, which, options):
        run = request.getfixturevalue(which)
        said = latentia("evaluate", run, *options)
        assert (said.code, said.out) == (2, "")
        assert "no log p(x) to estimate: " in said.err and "Leave out --importance" in said.err
        assert latentia("evaluate", run, "--importance", 0, "--limit", 2).code == 0

    def test_the_run_keeps_what_took_longer(self, latentia, copy, inked_run, inked_path):
        run = copy(inked_run)
        names = {"run": run.name, "data": inked_path.name}
        for path in run.glob("evaluation-*.json"):
            path.unlink()
        many = evaluated(latentia, run, "--importance", 30)
        beside = evaluated(latentia, run, "--importance", 2, *self.quick)["evidence"]
        assert Run(run).evaluations()["test"] == many | names | {"evidence": beside}
        more = evaluated(latentia, run, "--importance", 40)
        assert Run(run).evaluations()["test"] == more | names | {"evidence": beside}
        card = (run / "README.md").read_text()
        assert "k = 40" in card and "(annealed)" in card


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_numbers_that_cannot_be_saved_are_printed_first(
    latentia, copy, inked_run, monkeypatch, options
):
    """A run on a disk that may only be read; the tests may run as root, who may write."""
    run = copy(inked_run)
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}

    def denied(path, content):
        raise MachineError("This cannot be written: Read-only file system", where=str(path))

    monkeypatch.setattr("latentia.run.write_atomically", denied)
    monkeypatch.setattr("latentia.card.write_atomically", denied)
    said = latentia("evaluate", run, "--importance", 7, *options)
    assert said.code == 5
    assert "ELBO" in said.out or said.json["n_importance"] == 7
    assert "printed, but could not be saved" in said.err
    assert "Read-only file system" in said.err and str(run) in said.err
    assert {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()} == before
    # What the run would not keep needs no room in it.
    assert latentia("evaluate", run, "--importance", 7, "--limit", 2).code == 0


def test_the_ceiling_of_a_dynamic_draw_is_told(latentia, copy, inked_run, grey_run):
    text = latentia("evaluate", copy(inked_run), "--importance", 2).out
    assert "ceiling" in text and "entropy" in text
    assert "ceiling" not in latentia("evaluate", copy(grey_run, "grey")).out


def test_the_estimator_that_is_there_already_is_not_run_twice(latentia, inked_run):
    said = latentia("evaluate", inked_run, "--evidence", "importance", "--evidence.samples", 50)
    assert said.code == 2
    assert "there already" in said.err and "--importance 50" in said.err
