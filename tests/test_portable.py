"""ONNX graphs give the model's numbers, or are not written."""

import json
import os
import re

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from tests import ladders

import latentia as lt
from latentia import portable
from latentia.errors import MachineError, RunError, UsageError
from latentia.portable import files_of, write_onnx
from latentia.run import Run

FILES = {"encoder.onnx", "decoder.onnx", "description.json", "README.md"}


@pytest.fixture(scope="module")
def digits():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (40, 8, 8), dtype=np.uint8), rng.integers(0, 3, 40)


def fitted(X, cls=lt.VAE, y=None, **options):
    quick = {"likelihood": "bernoulli", "binarize": "dynamic"}
    options = {"n_components": 3, "max_epochs": 1, "random_state": 0, **quick, **options}
    return cls(**options).fit(X, y)


def opened(folder):
    return {
        name: onnxruntime.InferenceSession(str(folder / f"{name}.onnx"))
        for name in ("encoder", "decoder")
    }


@pytest.mark.parametrize("options", [
    {},
    {"network": {"name": "conv", "channels": (4, 8)}},
    {"variational": "full"},
    {"variational": "mixture", "likelihood": "continuous-bernoulli", "binarize": "none"},
    {"likelihood": "discretized-logistic", "binarize": "none"},
    {"likelihood": "logistic-mixture", "binarize": "none"},
], ids=["mlp", "conv", "full", "mixture", "levels", "levels mixed"])  # fmt: skip
def test_graphs_give_the_models_numbers(digits, tmp_path, options):
    X, _ = digits
    vae = fitted(X, **options)
    written = write_onnx(vae.model_, vae.config_, tmp_path)
    assert set(written) == FILES == {path.name for path in tmp_path.iterdir()}
    said = json.loads((tmp_path / "description.json").read_text())
    graphs = opened(tmp_path)
    x = (X[:7, None] / 255).astype(np.float32)
    found = dict(
        zip(said["posterior"]["outputs"], graphs["encoder"].run(None, {"x": x}), strict=True)
    )
    q = vae.model_.posterior(torch.from_numpy(x))
    for name, value in found.items():
        expected = getattr(getattr(q, "base_dist", q), name).detach().numpy()
        assert np.allclose(value, expected, atol=1e-4), name
    Z = vae.transform(X[:7])
    *_, shown = graphs["decoder"].run(None, {"z": Z.astype(np.float32)})
    assert np.allclose(shown[:, 0], vae.inverse_transform(Z), atol=1e-4)


def test_colours_are_written_as_their_means(tmp_path):
    X = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 3), dtype=np.uint8)
    vae = fitted(X, likelihood="coupled-mixture", binarize="none")
    write_onnx(vae.model_, vae.config_, tmp_path)
    Z = vae.transform(X[:7])
    *_, shown = opened(tmp_path)["decoder"].run(None, {"z": Z.astype(np.float32)})
    assert np.allclose(np.moveaxis(shown, 1, -1), vae.inverse_transform(Z), atol=1e-4)
    # Each of 64 points of each channel on its own would be ten thousand.
    assert len(onnx.load(tmp_path / "decoder.onnx").graph.node) < 1000


def test_a_gaussian_and_logits_are_enough_for_an_elbo(digits, tmp_path):
    """What other programs need: a bound in nats by numpy alone, from the graphs' numbers."""
    X, _ = digits
    vae = fitted(X, binarize="threshold")
    write_onnx(vae.model_, vae.config_, tmp_path)
    graphs = opened(tmp_path)
    x = (X[:, None] >= 127.5).astype(np.float32)
    loc, scale = graphs["encoder"].run(None, {"x": x})
    kl = 0.5 * (loc**2 + scale**2 - 1 - 2 * np.log(scale)).sum(1)
    assert np.allclose(kl, vae.elbo(X).kl, atol=1e-3)


def test_conditions_are_an_input(digits, tmp_path):
    X, y = digits
    vae = fitted(X, lt.ConditionalVAE, y)
    write_onnx(vae.model_, vae.config_, tmp_path)
    said = json.loads((tmp_path / "description.json").read_text())
    classes = said["c"][0]["one_hot"]
    assert classes == ["0", "1", "2"] and said["z"]["conditions"] == 3
    z = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    c = np.eye(3, dtype=np.float32)[[2] * 4]
    *_, shown = opened(tmp_path)["decoder"].run(None, {"z": z, "c": c})
    assert np.allclose(shown[:, 0], vae.given(2).inverse_transform(z), atol=1e-4)


def test_a_prior_that_depends_on_conditions_is_a_graph(digits, tmp_path):
    X, y = digits
    vae = fitted(X, lt.ConditionalVAE, y, prior="conditional")
    with torch.no_grad():  # a prior that differs from class to class
        vae.model_.prior.head.weight.normal_(generator=torch.Generator().manual_seed(1))
    write_onnx(vae.model_, vae.config_, tmp_path)
    c = np.eye(3, dtype=np.float32)
    loc, scale = onnxruntime.InferenceSession(str(tmp_path / "prior.onnx")).run(None, {"c": c})
    p = vae.model_.prior(torch.from_numpy(c))
    assert np.allclose(loc, p.mean.detach(), atol=1e-5)
    assert np.allclose(scale, p.stddev.detach(), atol=1e-5)
    assert np.abs(loc[0] - loc[1]).max() > 0.1
    assert "prior.onnx" in (tmp_path / "README.md").read_text()


def test_a_class_that_is_a_latent_has_a_classifier(digits, tmp_path):
    X, y = digits
    few = np.where(np.arange(40) < 12, y, -1)
    vae = fitted(X, lt.SemiSupervisedVAE, few)
    write_onnx(vae.model_, vae.config_, tmp_path)
    x = (X[:7, None] / 255).astype(np.float32)
    session = onnxruntime.InferenceSession(str(tmp_path / "classifier.onnx"))
    (logits,) = session.run(None, {"x": x})
    assert np.allclose(np.exp(logits), vae.predict_proba(X[:7]), atol=1e-5)
    assert json.loads((tmp_path / "description.json").read_text())["class_is_latent"]
    assert "classifier.onnx" in (tmp_path / "README.md").read_text()


def test_the_card_works_as_it_is_written(digits, tmp_path, monkeypatch):
    X, y = digits
    of_c = fitted(X, lt.ConditionalVAE, y, prior="conditional")
    for vae in (fitted(X), fitted(X, lt.ConditionalVAE, y), of_c, fitted(X, prior="mixture")):
        write_onnx(vae.model_, vae.config_, tmp_path, force=True)
        card = (tmp_path / "README.md").read_text()
        (code,) = re.findall(r"```python\n(.*?)```", card, re.S)
        monkeypatch.chdir(tmp_path)
        names = {}
        exec(code, names)
        assert names["shown"].shape == (1, 1, 8, 8)
        # c is one of a class, as no example is of none.
        assert names.get("c", np.eye(3)[:1]).tolist() == [[1, 0, 0]]
        assert names["z"].any() == ("not in this folder" not in card)  # drawn where it can be
        assert "drawn black or white" in card or vae.config_.model.binarize == "none"


def test_the_card_says_what_the_prior_is_and_where_draws_of_it_are(digits, tmp_path):
    X, y = digits
    for prior, words in (
        ("standard-normal", ("p(z) = N(z; 0, I)", "3 independent numbers of mean 0")),
        (
            "mixture",
            ("(components ", "$p(z) =", "**It is not in this folder**", "N(0, I) is no stand-in"),
        ),
    ):
        vae = fitted(X, prior=prior)
        run = Run(vae.save(tmp_path / f"a-{prior}"))
        write_onnx(vae.model_, vae.config_, tmp_path / prior, run)
        card = (tmp_path / prior / "README.md").read_text()
        for part in (f"# a-{prior}: ", f"`{prior}`", *words):
            assert part in card, part
        assert str(tmp_path) not in card and ":math:" not in card
    vae = fitted(X, lt.ConditionalVAE, y, prior="mixture")
    write_onnx(vae.model_, vae.config_, tmp_path / "of-c")
    [condition] = vae.schema_.conditions
    card_of_c = (tmp_path / "of-c" / "README.md").read_text()
    assert f"`lt.load('this/run').given({{{condition.name!r}: ...}}).sample(n)`" in card_of_c
    (draw,) = re.findall(r"`lt.load\('a-mixture'\)(.model_.draw_prior)\(n\)`", card)
    assert draw and lt.load(tmp_path / "a-mixture").model_.draw_prior(5).shape == (5, 3)
    assert lt.load(tmp_path / "a-mixture").sample(5).shape == (5, 8, 8)


def test_the_files_that_there_will_be_are_known_before(digits, tmp_path):
    X, y = digits
    few = np.where(np.arange(40) < 12, y, -1)
    for i, vae in enumerate((
        fitted(X),
        fitted(X, lt.ConditionalVAE, y, prior="conditional"),
        fitted(X, lt.SemiSupervisedVAE, few),
    )):  # fmt: skip
        written = write_onnx(vae.model_, vae.config_, tmp_path / str(i))
        assert set(written) == set(files_of(vae.config_))


def test_a_table_says_its_columns_and_offsets(tmp_path):
    pandas_like = {"a": np.arange(40.0), "b": np.full(40, 3.0), "t": 1.7e12 + np.arange(40.0)}
    X = np.stack(list(pandas_like.values()), 1)
    vae = fitted(X, likelihood="student-t", binarize="none")
    write_onnx(vae.model_, vae.config_, tmp_path)
    said = json.loads((tmp_path / "description.json").read_text())
    assert said["x"]["left_out_as_constant"] == [1] and said["x"]["offset"][2] > 1e12
    x = (np.delete(X, 1, 1) - np.delete(said["x"]["offset"], 1)).astype(np.float32)
    loc, _ = opened(tmp_path)["encoder"].run(None, {"x": x})
    assert np.allclose(loc, vae.transform(X), atol=1e-4)


def test_the_card_of_a_table_names_its_cells_and_those_that_miss(latentia, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = rng.normal(5, 2, (60, 3))
    rows[rng.random(rows.shape) < 0.2] = np.nan
    lines = [",".join("" if np.isnan(c) else f"{c:.3f}" for c in row) + ",1.5" for row in rows]
    (tmp_path / "a.csv").write_text("\n".join(["age,weight,pulse,same", *lines]))
    few = ("--epochs", 1, "--network.hidden", 8)
    said = latentia("train", tmp_path / "a.csv", "--out", tmp_path / "run", *few)
    assert said.code == 0, said.err
    said = latentia("export", tmp_path / "run", "--onnx", tmp_path / "out")
    assert said.code == 0, said.err
    said = json.loads((tmp_path / "out/description.json").read_text())["x"]
    assert said["left_out_as_constant"] == ["same"] and 0.1 < said["missing"] < 0.3
    card = (tmp_path / "out/README.md").read_text()
    assert "Left out, as constant: same." in card and "A missing cell is NaN" in card
    (code,) = re.findall(r"```python\n(.*?)```", card, re.S)
    assert "'age': np.nan" in code and "zeros((1, 3)" not in code
    monkeypatch.chdir(tmp_path / "out")
    names = {}
    exec(code, names)
    assert names["x"].shape == (1, 3) and np.isfinite(names["q"][0]).all()


@pytest.mark.parametrize(("posterior", "said"), [("flow", "step by step"), ("low-rank", "ONNX")])
def test_what_cannot_be_written_is_refused_and_nothing_left(digits, tmp_path, posterior, said):
    vae = fitted(digits[0], variational=posterior)
    with pytest.raises(RunError, match=said):
        write_onnx(vae.model_, vae.config_, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_ladder_decodes_but_has_no_encoder_of_numbers(tmp_path):
    model, _ = ladders.built()
    with pytest.raises(RunError, match="step by step"):
        portable.graphs(model, 2)


def test_a_run_of_an_older_schema_is_written(digits, tmp_path):
    vae = fitted(digits[0])
    record = vae.config_.data
    older = {k: v for k, v in record.data_schema.items() if k not in ("constant", "offset")}
    data = record.model_copy(update={"data_schema": older})
    write_onnx(vae.model_, vae.config_.model_copy(update={"data": data}), tmp_path)
    told = json.loads((tmp_path / "description.json").read_text())["x"]
    assert told["left_out_as_constant"] == told["offset"] == []


def test_a_graph_of_other_numbers_is_not_written(digits, tmp_path, monkeypatch):
    vae = fitted(digits[0])
    traced = portable._trace

    def moved(graph, path):
        traced(graph, path)
        with torch.no_grad():
            next(vae.model_.likelihood.parameters()).add_(0.1)

    monkeypatch.setattr(portable, "_trace", moved)
    with pytest.raises(RunError, match="off by"):
        write_onnx(vae.model_, vae.config_, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_named(digits, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    vae = fitted(digits[0])
    with pytest.raises(MachineError, match="onnxscript") as error:
        write_onnx(vae.model_, vae.config_, tmp_path)
    assert "pip install" in error.value.how


class TestCommand:
    def test_a_run_is_exported(self, latentia, inked_run, tmp_path):
        said = latentia("export", inked_run, "--onnx", tmp_path / "out", "--json")
        assert said.code == 0, said.err
        assert set(said.json["bytes"]) == FILES

    def test_nothing_to_export_as(self, latentia, inked_run):
        said = latentia("export", inked_run)
        assert said.code == 2 and "--onnx FOLDER" in said.err

    def test_a_place_that_cannot_be_written(self, latentia, inked_run, tmp_path):
        (tmp_path / "file").write_text("")
        said = latentia("export", inked_run, "--onnx", tmp_path / "file")
        assert said.code == 5 and "Traceback" not in said.err

    def test_the_card_has_the_name_and_the_numbers_of_the_run(self, latentia, inked_run, tmp_path):
        assert latentia("export", inked_run, "--onnx", tmp_path / "out").code == 0
        card = (tmp_path / "out" / "README.md").read_text()
        assert card.startswith(f"# {inked_run.name}: ") and "a model of `inked`" in card
        own = (inked_run / "README.md").read_text()
        numbers = own[own.index("## Numbers") : own.index("## Data")]
        assert "| validation, epoch" in numbers and numbers.strip() in card
        assert "96 training, 12 validation and 12 test" in card

    def test_files_of_ones_own_stay(self, latentia, inked_run, tmp_path, monkeypatch):
        monkeypatch.setattr(portable, "_trace", lambda *given: pytest.fail("it was traced"))
        (tmp_path / "README.md").write_text("my own")
        said = latentia("export", inked_run, "--onnx", tmp_path)
        assert said.code == 2 and "README.md" in said.err and "--force" in said.err
        both = ("--onnx", tmp_path, "--html", tmp_path / "page.html", "--examples", 0)
        assert latentia("export", inked_run, *both).code == 2
        assert [p.name for p in tmp_path.iterdir()] == ["README.md"]
        assert (tmp_path / "README.md").read_text() == "my own"
        (tmp_path / "README.md").unlink()
        (tmp_path / "encoder.onnx").symlink_to(tmp_path / "gone")
        assert latentia("export", inked_run, "--onnx", tmp_path).code == 2
        (tmp_path / "decoder.onnx").mkdir()
        said = latentia("export", inked_run, "--onnx", tmp_path, "--force")
        assert said.code == 2 and "folders" in said.err and "decoder.onnx" in said.err

    def test_by_force_they_are_replaced(self, latentia, inked_run, tmp_path):
        (tmp_path / "README.md").write_text("an older card")
        (tmp_path / "notes.txt").write_text("mine")
        said = latentia("export", inked_run, "--onnx", tmp_path, "--force")
        assert said.code == 0, said.err
        assert (tmp_path / "README.md").read_text().startswith("# ")
        assert {p.name for p in tmp_path.iterdir()} == FILES | {"notes.txt"}


def test_a_file_that_comes_while_graphs_are_traced_stays(digits, tmp_path, monkeypatch):
    vae = fitted(digits[0])
    traced = portable._trace

    def meanwhile(graph, path):
        (tmp_path / "README.md").write_text("my own")
        traced(graph, path)

    monkeypatch.setattr(portable, "_trace", meanwhile)
    with pytest.raises(UsageError, match="README"):
        write_onnx(vae.model_, vae.config_, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["README.md"]


def test_a_full_disk_leaves_nothing_half_written(digits, tmp_path, monkeypatch):
    vae = fitted(digits[0])
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "README.md").write_text("an older card")
    sync, done = os.fsync, []

    def full(handle):
        done.append(handle)
        if not len(done) % 3:
            raise OSError(28, "No space left on device")
        sync(handle)

    monkeypatch.setattr("latentia.files.os.fsync", full)
    for name in ("old", "new"):
        with pytest.raises(MachineError, match="No space"):
            write_onnx(vae.model_, vae.config_, tmp_path / name, force=True)
    assert [p.name for p in (tmp_path / "old").iterdir()] == ["README.md"]
    assert (tmp_path / "old" / "README.md").read_text() == "an older card"
    assert not (tmp_path / "new").exists()
