"""What a sceptic found once, and what must not come back."""

import json
from math import log

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.data import Data
from latentia.design import Wishes, decide
from latentia.errors import RunError, UsageError
from latentia.run import Run

SMALL = {"name": "mlp", "hidden": (16,)}


def table(n=300, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2)) @ rng.normal(size=(2, 6)) + rng.normal(size=(n, 6)) * 0.1


@pytest.mark.parametrize("scale", [1e-7, 1e-3, 1000.0])
def test_the_unit_of_measurement_shifts_log_p_by_its_jacobian_and_nothing_else(scale):
    x = table() - table().min() + 0.1
    x = x / x.max()  # within [0, 1], of kind `unit`; times 1000 it is `real`
    scores = [
        lt.VAE(2, network=SMALL, max_epochs=20).fit(y.astype(np.float32)).score_samples(y, 50)
        for y in (x, x * scale)
    ]
    shifted = scores[1] + 6 * log(scale)
    assert shifted.mean() == pytest.approx(scores[0].mean(), abs=0.2)


def test_grey_images_of_real_numbers_get_a_density_of_real_numbers():
    x = np.random.default_rng(0).normal(size=(30, 8, 8)).astype(np.float32)
    design, _ = decide(Data.from_array(x).schema, Wishes())
    assert design.likelihood["name"] == "gaussian" and design.binarize == "none"


def test_a_column_unseen_in_training_does_no_harm():
    x = table().astype(np.float32)
    x[1:, 3] = np.nan
    vae = lt.VAE(2, network=SMALL, max_epochs=2).fit(x)
    assert np.isfinite(vae.score_samples(x[1:], 5)).all()
    assert all(torch.isfinite(p).all() for p in vae.model_.parameters())


def test_bits_per_dim_count_observed_cells_only(latentia, tmp_path):
    x = table().astype(np.float32)
    x[:, 3:] = np.where(np.arange(300)[:, None] % 10 == 0, x[:, 3:], np.nan)
    np.save(tmp_path / "x.npy", x)
    wanted = ("--epochs", 2, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", tmp_path / "x.npy", "--out", tmp_path / "run", *wanted).code == 0
    found = latentia("evaluate", tmp_path / "run", "--json").json
    cells = -found["log_likelihood"] / (found["bits_per_dim"] * log(2))
    assert 3 <= cells < 4


def test_a_density_on_grey_levels_has_no_bits(latentia, inked_path, tmp_path):
    wanted = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    run = tmp_path / "run"
    said = latentia("train", inked_path, "--out", run, *wanted, "--likelihood", "gaussian")
    assert said.code == 0, said.err
    found = latentia("evaluate", run, "--json").json
    assert found["is_likelihood"] and found["bits_per_dim"] is None


def test_what_cannot_work_is_refused_before_the_old_run_is_replaced(
    latentia, inked_path, tmp_path
):
    run = tmp_path / "run"
    wanted = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", inked_path, "--out", run, *wanted).code == 0
    before = (run / "model.safetensors").read_bytes()
    bad = ("--prior", "mixture", "--objective.free-bits", 0.1)
    assert latentia("train", inked_path, "--out", run, "--force", *wanted, *bad).code == 2
    assert (run / "model.safetensors").read_bytes() == before


def test_a_costly_evaluation_is_not_replaced_by_a_cheap_one(latentia, inked_path, tmp_path):
    run = tmp_path / "run"
    wanted = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", inked_path, "--out", run, *wanted).code == 0
    for k in (50, 0, 10):
        assert latentia("evaluate", run, "--importance", k).code == 0
    written = json.loads((run / "evaluation-test.json").read_text())
    assert written["n_importance"] == 50
    assert Run(run).evaluations()["test"]["log_likelihood"] == written["log_likelihood"]


def test_a_density_under_a_flat_prior_and_points_under_one_that_learns_are_refused():
    x = table().astype(np.float32)
    with pytest.raises(UsageError, match="no finite divergence"):
        lt.VAE(2, prior="flat").fit(x)
    with pytest.raises(UsageError, match="shrink onto its points"):
        lt.VAE(2, variational="dirac", prior="mixture").fit(x)


def test_points_under_a_standard_normal_are_no_likelihood():
    x = table().astype(np.float32)
    vae = lt.VAE(2, variational="dirac", network=SMALL, max_epochs=1).fit(x)
    assert "point mass" in vae.config_.no_likelihood
    with pytest.raises(RunError, match="point mass"):
        vae.score_samples(x)


def test_beta_is_said_in_one_place_and_survives_loading(tmp_path):
    x = table().astype(np.float32)
    with pytest.raises(UsageError, match="contradict"):
        lt.VAE(2, objective={"name": "elbo", "beta": 3.0}, beta=2.0).fit(x)
    vae = lt.VAE(2, network=SMALL, beta=4.0, max_epochs=1).fit(x)
    loaded = lt.load(vae.save(tmp_path / "run"))
    assert loaded.get_params()["beta"] == 4.0
    assert loaded.set_params(beta=2.0).fit(x).config_.objective["beta"] == 2.0


def test_settings_do_not_repeat_arguments():
    with pytest.raises(UsageError, match="repeats"):
        lt.VAE(2, settings={"epochs": 3}).fit(table())


def test_numbers_of_numpy_are_numbers():
    prior = {"name": "mixture", "components": np.int64(3)}
    vae = lt.VAE(2, network=SMALL, prior=prior, beta=np.float32(0.5), max_epochs=1).fit(table())
    assert json.loads(vae.config_.model_dump_json())["model"]["prior"]["components"] == 3


def test_latents_have_names():
    vae = lt.VAE(2, network=SMALL, max_epochs=1).fit(table())
    assert list(vae.get_feature_names_out()) == ["vae0", "vae1"]


def test_few_effective_samples_are_told(latentia, inked_path, tmp_path):
    run = tmp_path / "run"
    wanted = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", inked_path, "--out", run, *wanted).code == 0
    said = latentia("evaluate", run, "--importance", 1)  # of one alone no error is known
    assert "a lower bound: 100% of the examples have few effective samples" in said.out


def test_numbers_that_are_none_are_an_error(latentia, inked_path, tmp_path):
    run = tmp_path / "run"
    wanted = ("--epochs", 1, "--network.hidden", 8, "--latent-dim", 2)
    assert latentia("train", inked_path, "--out", run, *wanted).code == 0
    model = Run(run).load_model()
    next(model.likelihood.parameters()).data.fill_(float("nan"))
    Run(run).save_model(model)
    said = latentia("evaluate", run)
    assert said.code == 4 and "no numbers" in said.err


def test_the_prior_of_the_contributing_guide_works(tmp_path, monkeypatch):
    import doctest
    import importlib
    import re
    from pathlib import Path

    import latentia.prior
    from latentia import room

    guide = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf8")
    code = re.search(r"```python\n(.*?)```", guide, re.S).group(1)
    (tmp_path / "students_t.py").write_text(code, encoding="utf8")
    monkeypatch.setattr(latentia.prior, "__path__", [*latentia.prior.__path__, str(tmp_path)])
    module = importlib.import_module("latentia.prior.students_t")
    assert doctest.testmod(module).failed == 0 and doctest.testmod(module).attempted == 1
    vae = lt.VAE(2, network=SMALL, prior={"name": "students-t", "df": 7}, max_epochs=1)
    assert np.isfinite(vae.fit(table()).score_samples(table()[:5], 5)).all()
    with pytest.raises(UsageError, match="positive"):
        room.build("prior", {"name": "students-t", "df": -7.0}, latent_dim=2)
