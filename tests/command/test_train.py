"""`latentia train`: what it says, what it refuses, and how it goes on."""

import json
import shutil

import numpy as np
import pytest

from latentia.run import Run

SMALL = ("--network.hidden", 8, "--epochs", 2, "--batch-size", 32)


@pytest.fixture
def run(inked_run, tmp_path):
    return Run(shutil.copytree(inked_run, tmp_path / "run"))


def test_it_says_what_it_read_how_it_divided_and_why_it_chose(latentia, inked_path, tmp_path):
    said = latentia("train", inked_path, "--out", tmp_path / "r", *SMALL)
    for part in (
        *("data      inked: 120 examples 6x6, bytes [0, 255]", "96 train, 12 validation"),
        *("12 test (untouched)", "likelihood  bernoulli: grey pixels", "epoch 1/2  ELBO -"),
        "next      latentia evaluate",
    ):
        assert part in said.err, part
    assert said.out.startswith(f"{tmp_path / 'r'}: best epoch ")


def test_every_epoch_of_no_likelihood_is_starred_and_explained(latentia, inked_path, tmp_path):
    for name, options in (
        ("grey", ("--binarize", "none", "--likelihood", "bernoulli")),
        ("point", ("--preset", "autoencoder")),
    ):
        said = latentia("train", inked_path, "--out", tmp_path / name, *SMALL, *options)
        assert said.code == 0
        assert "* no likelihood: " in said.err
        assert said.err.count("ELBO* ") == 2
        assert "ELBO -" not in said.err
        assert "validation ELBO* " in said.out
    said = latentia("train", inked_path, "--out", tmp_path / "fair", *SMALL)
    assert "*" not in said.err + said.out


def test_json_has_the_best_epochs_numbers(latentia, inked_path, tmp_path):
    said = latentia("train", inked_path, "--out", tmp_path / "r", *SMALL, "--json")
    found = said.json
    rows = [row for row in Run(tmp_path / "r").metrics() if row["split"] == "validation"]
    best = max(rows, key=lambda row: row["elbo"])
    assert found["epoch"] == best["epoch"]
    assert found["epochs"] == 2
    assert found["is_likelihood"] is True
    for name, value in found["validation"].items():
        assert value == best[name]


def test_without_out_the_run_is_named_after_the_data(latentia, inked_path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("inked", "inked-2"):
        assert latentia("train", inked_path, *SMALL).code == 0
        assert (tmp_path / "runs" / name / "config.json").exists()
    # And --resume without --out finds the newest.
    said = latentia("train", "--resume")
    assert said.code == 0
    assert "runs/inked-2" in said.err
    said = latentia("train", "other", "--resume")
    assert said.code == 4
    assert "There is no run to continue" in said.err


@pytest.mark.parametrize("test", [0, 5, 0.25])
def test_parts_of_the_size_asked_for(latentia, inked_path, tmp_path, test):
    said = latentia(
        "train", inked_path, "--out", tmp_path / "r", *SMALL, "--test", test, "--validation", 20
    )
    assert said.code == 0
    record = Run(tmp_path / "r").config().data
    assert record.n_test == (30 if test == 0.25 else test)
    assert record.n_validation == 20
    assert record.n_train == 100 - record.n_test
    evaluated = latentia("evaluate", tmp_path / "r", "--importance", 2)
    assert evaluated.code == (0 if test else 2)
    if not test:
        assert "no test part: it was trained with --test 0" in evaluated.err


class TestResume:
    @pytest.mark.parametrize(
        "option",
        [
            *(("--latent-dim", 5), ("--learning-rate", 0.1), ("--network.hidden", 3)),
            *(("--seed", 4), ("--binarize", "none"), ("--batch-size", 7), ("--snapshots",)),
            *(("--prior", "mixture"), ("--preset", "iwae-vae"), ("--test", 0.3)),
        ],
        ids=str,
    )
    def test_a_changed_option_is_refused(self, run, latentia, option):
        before = (run.path / "config.json").read_bytes()
        said = latentia("train", "--resume", "--out", run.path, *option)
        assert said.code == 2
        assert "A resumed run keeps its own" in said.err
        assert "Only --epochs, --max-time and --patience can change" in said.err
        assert (run.path / "config.json").read_bytes() == before

    def test_more_epochs_go_on_from_the_last(self, run, latentia):
        assert latentia("evaluate", run.path, "--importance", 2).code == 0
        weights = (run.path / "model.safetensors").read_bytes()
        said = latentia("train", "--resume", "--out", run.path, "--epochs", 5)
        assert said.code == 0
        assert "after epoch 2, step 0" in said.err
        assert [row["epoch"] for row in run.metrics()[::2]] == [1, 2, 3, 4, 5]
        assert run.config().training.epochs == 5
        # The numbers of the old weights do not stand beside the new ones.
        changed = (run.path / "model.safetensors").read_bytes() != weights
        assert changed
        assert run.evaluations() == {}
        assert "importance sampling" not in (run.path / "README.md").read_text()

    def test_epochs_left_open_are_completed(self, run, latentia):
        said = latentia(
            "train", "--resume", "--out", run.path, "--epochs", 0, "--max-time", "0.01"
        )
        assert said.code == 0
        assert run.config().training.epochs > 2

    def test_other_data_are_refused(self, run, latentia, table_path):
        said = latentia("train", table_path, "--resume", "--out", run.path)
        assert said.code == 2
        assert "This run was begun on" in said.err

    def test_changed_data_are_refused(self, latentia, inked, tmp_path):
        path, out = tmp_path / "x.npy", tmp_path / "r"
        np.save(path, inked)
        assert latentia("train", path, "--out", out, *SMALL).code == 0
        np.save(path, inked[::-1])
        said = latentia("train", "--resume", "--out", out, "--epochs", 3)
        assert said.code == 3
        assert "The data have changed since this run began" in said.err
        said = latentia("evaluate", out)
        assert said.code == 3
        assert "not the data that this run was trained on" in said.err

    def test_a_broken_newest_checkpoint_is_named_and_the_one_before_used(
        self, latentia, inked_path, tmp_path, monkeypatch
    ):
        monkeypatch.setattr("latentia.training.loop._CHECKPOINT_SECONDS", -1.0)
        out = tmp_path / "r"
        assert latentia("train", inked_path, "--out", out, *SMALL).code == 0
        whole = (out / "model.safetensors").read_bytes()
        newest, before = sorted((out / "checkpoint").iterdir())[::-1]
        (newest / "state.json").write_text("{}")
        said = latentia("train", "--resume", "--out", out)
        assert said.code == 0
        assert "warning   epoch-000002-step-00000000 is broken" in said.err
        assert "resume    " in said.err
        assert "after epoch 1, step 0" in said.err
        assert (out / "model.safetensors").read_bytes() == whole

        for folder in (newest, before):
            (folder / "state.json").write_text("{}")
        said = latentia("train", "--resume", "--out", out)
        assert said.code == 4
        assert "Every checkpoint is broken" in said.err

    def test_damaged_best_weights_come_back_from_the_checkpoint(self, run, latentia):
        path = run.path / "model.safetensors"
        whole = path.read_bytes()
        path.unlink()
        assert latentia("train", "--resume", "--out", run.path).code == 0
        assert path.read_bytes() == whole


def test_the_run_is_untouched_by_a_mistake_in_its_options(run, latentia, inked_path):
    before = json.loads((run.path / "config.json").read_text())
    assert latentia("train", inked_path, "--out", run.path, "--force", "--epochs", -1).code == 2
    assert latentia("train", "nothing", "--out", run.path, "--force").code == 3
    assert json.loads((run.path / "config.json").read_text()) == before
    assert (run.path / "model.safetensors").exists()
