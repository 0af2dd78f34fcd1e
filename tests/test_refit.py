"""Another prior for a trained model: as an estimator, and on the command line."""

import json

import numpy as np
import pytest
from sklearn.base import clone

import latentia as lt
from latentia.errors import UsageError
from latentia.estimator.vae import VAE


@pytest.fixture(scope="module")
def rows():
    random = np.random.default_rng(0)
    centres = random.normal(0, 4, (3, 6))
    return (centres[random.integers(0, 3, 500)] + random.normal(size=(500, 6))).astype(np.float32)


def test_an_autoencoder_becomes_a_model_that_can_be_sampled(rows):
    plain = lt.AutoEncoder(n_components=2, max_epochs=5).fit(rows)
    assert not plain.is_generative
    found = plain.fit_prior(rows, {"name": "mixture", "components": 3})
    assert isinstance(found, VAE) and found.is_generative
    np.testing.assert_array_equal(found.transform(rows), plain.transform(rows))
    drawn = found.sample_mean(2000, random_state=0)
    np.testing.assert_allclose(drawn.mean(0), rows.mean(0), atol=0.5)
    assert "point mass" in found.config_.no_likelihood
    assert not plain.is_generative  # and it stays what it was


@pytest.mark.parametrize("prior", ["flow", {"name": "vamp", "components": 20}])
def test_a_vae_s_bound_rises_and_it_can_be_saved(rows, tmp_path, prior):
    vae = lt.VAE(n_components=2, objective={"name": "elbo"}, beta=0.2, max_epochs=8).fit(rows)
    found = vae.fit_prior(rows, prior, epochs=10)
    before, after = vae.elbo(rows), found.elbo(rows)
    np.testing.assert_allclose(before.reconstruction, after.reconstruction, rtol=1e-5)
    assert after.elbo.mean() > before.elbo.mean() + 0.05
    found.save(tmp_path / "run")
    again = lt.load(tmp_path / "run")
    np.testing.assert_array_equal(again.sample(3), found.sample(3))
    assert again.get_params()["prior"]["name"] == found.config_.model.prior["name"]
    assert any("fitted after training" in reason for reason in again.config_.reasons)


def test_the_command_writes_a_run_that_every_other_command_takes(
    latentia, inked_path, tmp_path, says
):
    run, new = tmp_path / "run", tmp_path / "new"
    quick = ["--epochs", "3", "--latent-dim", "2", "--network.hidden", "16", "--quiet"]
    latentia("train", inked_path, "--objective.beta", "0.2", *quick, "--out", run)
    said = latentia(
        *("fit-prior", run, "--prior", "mixture", "--prior.components", "4", "--out", new),
        *("--epochs", "5", "--json"),
    )
    assert said.code == 0, said.err
    assert said.json["prior"] == {"name": "mixture", "components": 4}
    assert said.json["gain"] == pytest.approx(said.json["after"] - said.json["before"])
    text = latentia("fit-prior", run, "--out", tmp_path / "other", "--epochs", "1").out
    assert "nats on validation data" in text and "so is the ELBO" in text
    one, other = latentia("compare", run, new, "--json").json["runs"]
    assert one["kl"] != other["kl"]  # the new prior's number, not the old one's
    validated = [json.loads(line) for line in (new / "metrics.jsonl").read_text().splitlines()]
    assert len(validated) == 1 and validated[0]["split"] == "validation"
    old = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert validated[0]["kl"] != old["kl"]
    elbos = [
        latentia("evaluate", r, "--json", "--importance", "0").json["elbo"] for r in (run, new)
    ]
    assert elbos[1] > elbos[0] - 0.5
    assert latentia("sample", new, "-n", "4", "--out", tmp_path / "s.npy").code == 0
    assert "already holds a run" in latentia("fit-prior", run, "--out", new).err
    onto = latentia("fit-prior", run, "--out", run, "--force")
    says(onto, "would replace the one", "--out", "another folder")
    assert (run / "model.safetensors").exists()


def test_of_an_autoencoder_no_gain_is_claimed(latentia, inked_path, tmp_path):
    run, new = tmp_path / "run", tmp_path / "new"
    options = ["--posterior", "dirac", "--prior", "flat", "--network.hidden", "8"]
    latentia("train", inked_path, "--epochs", "1", *options, "--out", run)
    said = latentia("fit-prior", run, "--epochs", "1", "--out", new, "--json")
    assert said.json["gain"] is None and said.json["before"] is None
    assert np.isfinite(said.json["after"])


def test_other_choices_than_the_model_s_are_refused():
    x = (np.random.default_rng(0).random((200, 6)) < 0.4).astype(np.uint8)
    choices = {"name": "categorical", "choices": 2}
    vae = lt.VAE(n_components=4, variational=choices, prior=choices, max_epochs=1).fit(x)
    with pytest.raises(UsageError, match="2 choices of 2, and the prior 1 of 4"):
        vae.fit_prior(x, "categorical")
    assert vae.fit_prior(x, choices, epochs=2).is_generative


@pytest.mark.parametrize(
    "objective", [{"name": "total-correlation", "beta": 3.0}, {"name": "ciwae", "beta": 0.2}]
)
def test_a_loaded_model_is_refitted_with_its_own_objective(rows, tmp_path, objective):
    lt.VAE(n_components=2, objective=objective, max_epochs=1).fit(rows).save(tmp_path / "run")
    again = clone(lt.load(tmp_path / "run")).fit(rows)
    assert again.config_.objective["name"] == objective["name"]
    assert again.config_.objective["beta"] == objective["beta"]


def test_what_has_nothing_to_fit_is_refused_before_anything_is_written(
    latentia, inked_path, tmp_path
):
    run, new = tmp_path / "run", tmp_path / "new"
    latentia("train", inked_path, "--epochs", "1", "--network.hidden", "8", "--out", run)
    said = latentia("fit-prior", run, "--prior", "standard-normal", "--out", new)
    assert said.code and "nothing that could be fitted" in said.err
    assert not new.exists()


def test_too_few_examples_to_choose_by_are_refused(rows):
    vae = lt.VAE(n_components=2, max_epochs=1).fit(rows)
    with pytest.raises(Exception, match="chosen by others"):
        vae.fit_prior(rows[:5])
    with pytest.raises(UsageError, match="no prior called"):
        vae.fit_prior(rows, "nonsense")
