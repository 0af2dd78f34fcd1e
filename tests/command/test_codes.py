"""A model of codes on the command line: trained, measured, given another prior, sampled."""

import csv
import json
import shutil
from math import log

import numpy as np
import pytest
from starlette.testclient import TestClient

import latentia as lt
from latentia.app.limits import Limits
from latentia.app.service import Service
from latentia.command._inputs import Asked, examples
from latentia.errors import UsageError
from latentia.run import Run
from latentia.shell import Shell

CODES = ["--latent-dim", 12, "--posterior.choices", 4, "--prior.choices", 4]


@pytest.fixture(scope="module")
def trained(latentia, inked_path, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "codes"
    said = latentia(
        *(
            "train",
            inked_path,
            "--posterior",
            "vector-quantized",
            "--prior",
            "categorical",
            *CODES,
        ),
        *("--objective", "commitment", "--epochs", 3, "--network.hidden", 16, "--batch-size", 32),
        *("--out", run),
    )
    assert said.code == 0, said.err
    return run


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


def test_it_has_a_bound_and_no_estimate_by_samples_of_q(latentia, run, says):
    found = latentia("evaluate", run, "--json").json
    assert found["is_likelihood"] is True and found["no_likelihood"] is None
    assert found["log_likelihood"] is None and found["n_importance"] is None
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"], abs=1e-4)
    assert found["bits_per_dim"] == pytest.approx(-found["elbo"] / (36 * log(2)))
    assert any("single code" in note for note in found["notes"])
    refused = latentia("evaluate", run, "--importance", 5)
    assert refused.code == 2
    says(refused.err, "single code", "--importance", "--evidence enumeration")
    text = latentia("evaluate", run).out
    assert "4 choices of 3, perplexity" in text and "the ELBO is a bound" in text


def test_the_sum_over_all_codes_is_above_the_bound(latentia, run):
    found = latentia("evaluate", run, "--evidence", "enumeration", "--json").json
    assert found["evidence"]["log_likelihood"] >= found["elbo"]
    assert found["codes"]["choices"] == 4 and found["codes"]["classes"] == 3
    assert 1 <= found["codes"]["perplexity"] <= 3
    assert 1 <= found["codes"]["distinct"] <= found["n_examples"]


def test_examples_are_scored_by_the_bound(latentia, run):
    found = latentia("score", run, "--json").json
    assert found["score"] == "elbo" and found["is_likelihood"] is True
    assert any("single code" in note for note in found["notes"])
    least = found["least"][0]
    assert least["elbo"] == pytest.approx(least["reconstruction"] - least["kl"], abs=1e-3)


def test_commands_python_and_the_service_score_alike(latentia, run):
    said = latentia("score", run, "--split", "test", "--out", run / "scores.csv", "--json").json
    with (run / "scores.csv").open() as file:
        told = [float(row["elbo"]) for row in csv.DictReader(file)]
    shell = Shell(False, None, "cpu", True)
    x = examples(shell, Run(run), Asked()).x
    vae = lt.load(run, device="cpu")
    with pytest.warns(UserWarning, match="Scores are the ELBO, in nats: .* single code"):
        scores = vae.score_samples(x)
    np.testing.assert_allclose(scores, told, rtol=1e-5)
    with pytest.warns(UserWarning, match="ELBO"):
        assert vae.score(x) == pytest.approx(said["mean"], rel=1e-5)
    with pytest.raises(UsageError, match="single code"):
        vae.evidence(x)
    service = Service(vae, Limits(), token=None, name="codes")
    with TestClient(service.app("127.0.0.1", ()), base_url="http://127.0.0.1") as client:
        found = client.post("/v1/score", json={"x": x.tolist()}).json()
    np.testing.assert_allclose(found["elbo"], told, rtol=1e-5)
    for name in ("score", "unit", "is_likelihood", "no_likelihood"):
        assert found[name] == said[name], name
    assert found["log_likelihood"] is None and found["n_importance"] is None
    greys, *told = found["notes"]  # the command's help says that they are drawn
    assert told == said["notes"] and "drawn black or white" in greys


def test_a_prior_in_which_codes_depend_on_each_other_gains_what_the_bound_gains(
    latentia, run, tmp_path
):
    new = tmp_path / "new"
    said = latentia(
        *("fit-prior", run, "--prior", "autoregressive", "--prior.choices", 4, "--out", new),
        *("--prior.width", 16, "--epochs", 5, "--json"),
    )
    assert said.code == 0, said.err
    one, other = (
        latentia("evaluate", r, "--split", "validation", "--json").json for r in (run, new)
    )
    assert other["reconstruction"] == pytest.approx(one["reconstruction"], abs=1e-4)
    assert said.json["gain"] == pytest.approx(one["kl"] - other["kl"], abs=0.1)
    assert json.loads((new / "config.json").read_text())["no_likelihood"] == ""
    drawn = latentia("sample", new, "-n", 5, "--out", tmp_path / "drawn.npy")
    assert drawn.code == 0, drawn.err
    assert np.load(tmp_path / "drawn.npy").shape == (5, 6, 6)


def test_other_choices_and_no_choices_are_refused(latentia, run, tmp_path, says):
    said = latentia("fit-prior", run, "--prior", "autoregressive", "--out", tmp_path / "new")
    assert said.code == 2
    says(said.err, "4 choices of 3, and the prior 1 of 12", "--prior.choices")
    said = latentia("fit-prior", run, "--prior", "mixture", "--out", tmp_path / "new")
    assert said.code == 2
    says(said.err, "another kind", "--prior")


def test_codes_go_to_a_file_and_back(latentia, run, tmp_path):
    assert latentia("encode", run, "--out", tmp_path / "z.npy").code == 0
    z = np.load(tmp_path / "z.npy")
    assert z.shape[1] == 12 and (z.reshape(-1, 4, 3).sum(-1) == 1).all()
    assert latentia("decode", run, tmp_path / "z.npy", "--out", tmp_path / "x.npy").code == 0
    assert latentia("reconstruct", run, "--out", tmp_path / "r.npy").code == 0
    recon = np.load(tmp_path / "r.npy")
    np.testing.assert_allclose(np.load(tmp_path / "x.npy")[: len(recon)], recon, atol=1e-6)
