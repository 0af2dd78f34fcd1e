"""`latentia disentanglement`: a run on data whose factors are known, and those that have none."""

import json
import shutil
from functools import partial

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

import latentia as lt
from latentia.command._inputs import Asked, examples, open_run
from latentia.evaluation.disentanglement import disentanglement
from latentia.evaluation.factors import Factors
from latentia.shell import Shell

SMALL = ("--epochs", 1, "--network.hidden", 16, "--latent-dim", 3, "--batch-size", 256)


@pytest.fixture(autouse=True)
def few_trees(monkeypatch):
    """Boost for 5 rounds instead of 100: what is asked here is what becomes of the numbers."""
    quick = partial(GradientBoostingClassifier, n_estimators=5)
    monkeypatch.setattr("latentia.evaluation.dci.GradientBoostingClassifier", quick)


@pytest.fixture(scope="module")
def runs(latentia, tmp_path_factory):
    """Three runs on the sprites, one told the label, one told all factors."""
    folder = tmp_path_factory.mktemp("runs")
    wanted = {
        "plain": (),
        "label": ("--condition", "label"),
        "all": ("--condition", "shape,scale,orientation,x,y"),
    }
    for name, options in wanted.items():
        said = latentia("train", "sprites", "--out", folder / name, *SMALL, *options)
        assert said.code == 0, said.err
    return {name: folder / name for name in wanted}


def test_the_numbers_are_those_of_python(latentia, runs):
    said = latentia("disentanglement", runs["plain"], "--limit", 800, "--json", "--seed", 3)
    assert said.code == 0, said.err
    found, vae, sprites = said.json, lt.load(runs["plain"]), lt.data.load("sprites")
    few = {name: values[:800] for name, values in sprites.beside.items()}
    again = disentanglement(vae.model_, vae.examples(sprites.x[:800]), Factors.of(few), seed=3)
    assert found["factors"] == dict(zip(again.factors, again.entropy.tolist(), strict=True))
    for name in ("mig", "mig_binned", "sap", "factor_vae", "active_units", "n_examples"):
        assert found[name] == getattr(again, name), name
    for name in ("disentanglement", "completeness", "informativeness"):
        assert found[f"dci_{name}"] == getattr(again.dci, name), name
    np.testing.assert_array_equal(found["information"], again.information)
    np.testing.assert_array_equal(found["importance"], again.dci.importance)
    assert (found["data"], found["split"], found["seed"]) == ("sprites", "all", 3)
    assert np.shape(found["information"]) == np.shape(found["information_binned"]) == (3, 5)


def test_the_text_has_every_measure_and_a_row_for_each_latent(latentia, runs):
    said = latentia("disentanglement", runs["plain"], "--split", "test", "--limit", 400)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0].startswith("sprites, test: 400 examples, ")
    for name in ("MIG ", "DCI ", "SAP ", "FactorVAE score"):
        assert any(line.strip().startswith(name) for line in lines), name
    assert [line.split()[0] for line in lines[-4:]] == ["z0", "z1", "z2", "entropy"]
    assert lines[-5].split() == ["shape", "scale", "orientation", "x", "y"]
    assert "-0.00" not in said.out


def test_factors_stay_with_their_examples(runs):
    shell, sprites = Shell(False, None, "cpu", True), lt.data.load("sprites")
    opened, model = open_run(shell, runs["label"])
    for split in ("test", "train", "all"):
        found = examples(shell, opened, Asked(split=split))
        for part in (found, found.first(7), found.alike(model.given("heart").condition_)):
            np.testing.assert_array_equal(part.x, sprites.x[part.rows])
            for name, values in sprites.beside.items():
                np.testing.assert_array_equal(part.beside[name], values[part.rows])
        assert set(part.beside["shape"]) == {"heart"}


def test_what_a_model_is_told_is_no_factor_of_its_latents(latentia, runs, says):
    said = latentia("disentanglement", runs["label"], "--limit", 400, "--json")
    assert said.code == 0, said.err
    assert list(said.json["factors"]) == ["scale", "orientation", "x", "y"]
    said = latentia("disentanglement", runs["all"])
    assert said.code == 3
    says(said.err, "told all that is known", "sprites: shape, scale", "without --condition")


def test_under_a_condition_the_examples_are_those_of_the_figure(latentia, runs, tmp_path):
    sprites, vae = lt.data.load("sprites"), lt.load(runs["label"]).given("heart")
    hearts = np.flatnonzero(sprites.beside["shape"] == "heart")
    command = ["disentanglement", runs["label"], "--condition", "heart", "--seed", 3]
    said = latentia(*command, "--limit", 700, "--json")
    assert said.code == 0, said.err
    factors = Factors.of({n: sprites.beside[n][hearts[:700]] for n in said.json["factors"]})
    again = disentanglement(vae.model_, vae.examples(sprites.x[hearts[:700]]), factors, seed=3)
    assert (said.json["mig_binned"], said.json["sap"]) == (again.mig_binned, again.sap)
    assert said.json["n_examples"] == 700 and said.json["condition"] == "heart"
    # Of all, no more than there are hearts.
    said = latentia(*command, "--split", "validation")
    shell = Shell(False, None, "cpu", True)
    whole = examples(shell, open_run(shell, runs["label"])[0], Asked(split="validation"))
    n = int((whole.beside["shape"] == "heart").sum())
    assert f"sprites, validation: {n} examples under heart, " in said.out
    command = ["figure", runs["label"], "factors", "--condition", "heart", "--format", "svg"]
    said = latentia(*command, "--split", "validation", "--factors.n", 9999, "--out", tmp_path)
    assert said.code == 0, said.err
    assert f"of {n} held-out" in " ".join((tmp_path / "factors.svg").read_text().split())


def test_the_numbers_are_kept_in_the_run_and_its_card(latentia, runs, tmp_path):
    run = shutil.copytree(runs["label"], tmp_path / "kept")
    few = latentia("disentanglement", run, "--split", "test", "--limit", 400)
    told = latentia("disentanglement", run, "--split", "test", "--condition", "label=heart")
    assert few.code == told.code == 0, told.err
    assert not list(run.glob("disentanglement-*"))  # these are of a part, or under a condition
    said = latentia("disentanglement", run, "--split", "test", "--json", "--seed", 3)
    assert said.code == 0, said.err
    kept = json.loads((run / "disentanglement-test.json").read_text())
    made = {"latentia": lt.__version__, "date": kept["date"], "n": said.json["n_examples"]}
    assert kept == said.json | made | {"run": "kept"}
    card = (run / "README.md").read_text()
    assert "the factors scale, orientation, x, y of the data" in card
    assert f"| test, {kept['n']} examples | {kept['mig']:.3f} | {kept['mig_binned']:.3f} |" in card
    assert str(tmp_path) not in card + json.dumps(kept)


def test_data_without_known_factors_are_refused(latentia, inked_run, table_run, inked_path, says):
    for run, name in ((inked_run, "inked.npy"), (table_run, "table.csv")):
        said = latentia("disentanglement", run)
        assert (said.code, said.out) == (3, "")
        says(said.err, "No factors of these data are known", name, "sprites")
    said = latentia("disentanglement", inked_run, "--data", inked_path)
    assert said.code == 3


def test_too_few_examples_and_no_limit(latentia, runs, says):
    said = latentia("disentanglement", runs["plain"], "--limit", 50)
    assert said.code == 3
    says(said.err, "at least 10 of every value", "sprites, factor")
    said = latentia("disentanglement", runs["plain"], "--limit", 0)
    assert said.code == 2


def test_the_figure_of_it_is_drawn_where_factors_are_known(latentia, runs, tmp_path):
    said = latentia("figure", runs["plain"], "factors", "--out", tmp_path, "--json")
    assert said.code == 0, said.err
    assert (tmp_path / "factors.png").exists()


def test_a_run_of_an_array_takes_the_set_as_data(latentia, tmp_path):
    x = lt.data.load("sprites").x[:300]
    lt.VAE(2, network={"name": "mlp", "hidden": (8,)}, max_epochs=1).fit(x).save(tmp_path / "run")
    assert latentia("disentanglement", tmp_path / "run").code == 4
    said = latentia("disentanglement", tmp_path / "run", "sprites", "--limit", 400, "--json")
    assert said.code == 0, said.err
    assert said.json["split"] == "all" and said.json["n_examples"] == 400
