"""`latentia train`: what it says, what it refuses, and how it goes on."""

import json
import os
import shlex
import shutil

import numpy as np
import pytest

from latentia.errors import DataError, RunError
from latentia.run import Run
from latentia.session import reopen
from latentia.training.progress import Quiet

SMALL = ("--network.hidden", 8, "--epochs", 2, "--batch-size", 32)


def contents(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


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
    for name, told, options in (
        ("grey", "ELBO", ("--binarize", "none", "--likelihood", "bernoulli")),
        ("point", "reconstruction", ("--preset", "autoencoder")),
    ):
        said = latentia("train", inked_path, "--out", tmp_path / name, *SMALL, *options)
        assert said.code == 0
        assert "* no likelihood: " in said.err
        assert said.err.count(f"{told}* ") == 2
        assert "ELBO -" not in said.err
        assert f"validation {told}* " in said.out
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
        ("option", "difference"),
        [
            (("--latent-dim", 5), "--latent-dim is 2, not 5"),
            (("--learning-rate", 0.1), "--learning-rate is 0.001, not 0.1"),
            (("--network.hidden", "3,4"), "--network.hidden is 16, not 3,4"),
            (("--seed", 4), "--seed is 0, not 4"),
            (("--binarize", "none"), "--binarize is dynamic, not none"),
            (("--batch-size", 7), "--batch-size is 32, not 7"),
            (("--snapshots",), "--snapshots is False, not True"),
            (("--clip", 2), "--clip is not set, not 2.0"),
            (("--prior", "mixture"), "--prior is standard-normal, not mixture"),
            (("--objective.beta", 2), "--objective.beta is 1.0, not 2.0"),
            (("--corruption", "masking"), "--corruption is not set, not masking"),
            (("--test", 0.3), "--test is 12, not 0.3"),
            (("--size", 8), "--size is not set, not 8"),
            (("--preset", "iwae-vae"), "--latent-dim is 2, not 50; --network.hidden is 16, not"),
        ],
        ids=str,
    )
    def test_a_changed_option_is_refused_with_both_values(self, run, latentia, option, difference):
        before = (run.path / "config.json").read_bytes()
        said = latentia("train", "--resume", "--out", run.path, *option)
        assert said.code == 2
        assert "A resumed run keeps its own" in said.err
        assert difference in said.err
        assert "Only --epochs, --max-time and --patience can change" in said.err
        assert (run.path / "config.json").read_bytes() == before

    def test_only_what_differs_is_named(self, run, latentia):
        said = latentia("train", "--resume", "--out", run.path, "--seed", 0, "--latent-dim", 5)
        assert said.code == 2
        assert "keeps its own options: --latent-dim is 2, not 5.\n" in said.err

    def test_the_command_that_began_the_run_continues_it(self, run, latentia, inked_path):
        before = (run.path / "config.json").read_bytes()
        said = latentia(
            *("train", inked_path, "--resume", "--out", run.path, "--epochs", 2, "--seed", 0),
            *("--network", "mlp", "--network.hidden", 16, "--batch-size", 32, "--latent-dim", 2),
            *("--prior", "standard_normal", "--likelihood", "bernoulli", "--test", 12),
            *("--objective.beta", "1", "--learning-rate", "1e-3", "--binarize", "dynamic"),
            *("--precision", "auto", "--compile", "auto"),
        )
        assert said.code == 0, said.err
        assert (run.path / "config.json").read_bytes() == before

    def test_what_was_left_to_be_chosen_is_no_change(self, run, latentia):
        open_again = ("--precision", "auto", "--compile", "auto", "--batch-size", 0)
        said = latentia("train", "--resume", "--out", run.path, *open_again)
        assert said.code == 0, said.err

    def test_a_resume_that_finds_no_data_has_changed_nothing(self, run, latentia, monkeypatch):
        def lost(*arguments, **options):
            raise DataError("There are none.", where="here", how="Bring them back.")

        before = (run.path / "config.json").read_bytes()
        monkeypatch.setattr("latentia.session.load_again", lost)
        assert latentia("train", "--resume", "--out", run.path, "--epochs", 9).code == 3
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
        assert "stopped   after epoch 2 of" in said.err and "the time is up" in said.err

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


class TestOneAtATime:
    """While one process trains into a folder, no other may."""

    @pytest.fixture
    def busy(self, run):
        with Run(run.path).hold():
            yield run

    @pytest.mark.parametrize("option", [("--force",), ("--resume",), ("--resume", "--epochs", 9)])
    def test_another_is_refused_before_anything_is_written(
        self, busy, latentia, inked_path, option
    ):
        before = contents(busy.path)
        said = latentia("train", inked_path, "--out", busy.path, *SMALL[2:4], *option)
        assert said.code == 4
        assert f"being trained by process {os.getpid()} on " in said.err
        assert f"kill {os.getpid()}" in said.err
        assert "data      " not in said.err  # known before the data were read
        assert contents(busy.path) == before

    def test_python_is_refused_too(self, busy, inked):
        import latentia as lt

        model = lt.load(busy.path)
        before = contents(busy.path)
        with pytest.raises(RunError, match="being trained"):
            model.save(busy.path, force=True)
        with pytest.raises(RunError, match="being trained"):
            reopen(busy).train(Quiet(), run=Run(busy.path), resume=True)
        assert contents(busy.path) == before

    def test_readers_are_not_blocked(self, busy, latentia, tmp_path):
        assert latentia("evaluate", busy.path, "--importance", 2).code == 0
        assert latentia("sample", busy.path, "--out", tmp_path / "x.npy").code == 0

    def test_it_is_held_from_the_first_file_to_the_last_and_then_let_go(
        self, latentia, inked_path, tmp_path, monkeypatch
    ):
        out, refused = tmp_path / "r", []

        def try_it(run):
            with pytest.raises(RunError, match="being trained"), Run(out).hold():
                pass
            refused.append(run.path)

        monkeypatch.setattr("latentia.command._training.write_card", try_it)
        assert latentia("train", inked_path, "--out", out, *SMALL).code == 0
        assert latentia("train", "--out", out, "--resume").code == 0
        assert refused == [out, out]
        assert not list(out.glob(".*"))
        with Run(out).hold():
            pass


class TestStoppedBeforeItTrained:
    """The folder of a process that was killed while it still read or measured."""

    @pytest.fixture
    def early(self, run, tmp_path):
        folder = tmp_path / "it's early"
        folder.mkdir()
        shutil.copy(run.path / "config.json", folder)
        (folder / ".lock").write_text("1 elsewhere then\n")
        return Run(folder)

    def test_resume_begins_again_and_says_so(self, early, run, latentia):
        said = latentia("train", "--resume", "--out", early.path)
        assert said.code == 0
        assert f"resume    {early.path} from the start: it was stopped before" in said.err
        weights = [(r.path / "model.safetensors").read_bytes() for r in (early, run)]
        assert weights[0] == weights[1]

    def test_a_plain_start_says_what_is_there_and_leaves_it(self, early, latentia, inked_path):
        before = contents(early.path)
        said = latentia("train", inked_path, "--out", early.path)
        assert said.code == 4
        assert "stopped before it had trained at all" in said.err
        command = f"latentia train --resume --out {shlex.quote(str(early.path))}"
        assert command in said.err
        assert contents(early.path) == before

    def test_the_hints_can_be_typed_as_they_are(self, early, latentia):
        said = latentia("train", "--resume", "--out", early.path)
        (line,) = [line for line in said.err.splitlines() if line.startswith("next ")]
        here = str(early.path)
        assert shlex.split(line)[1:] == [
            *("latentia", "evaluate", here, "latentia", "figure", here)
        ]
        said = latentia("evaluate", early.path, "--importance", 1)
        assert said.code == 0


class TestIdleOptions:
    """An option that would do nothing is a mistake, not a silence."""

    def test_of_another_member(self, latentia, inked_path, tmp_path):
        said = latentia("train", inked_path, "--out", tmp_path / "r", "--prior.components", 3)
        assert said.code == 2
        assert "no option 'components' of prior standard-normal: it is one of exemplar" in said.err
        assert "Use --prior exemplar or mixture or vamp" in said.err
        assert not (tmp_path / "r").exists()

    def test_beside_one_that_overrules_it(self, latentia, table_path, tmp_path):
        options = ("train", table_path, "--out", tmp_path / "r", *SMALL, "--likelihood.value", 2)
        said = latentia(*options)
        assert said.code == 2
        assert "--likelihood.value does nothing here: --likelihood.sigma is learned" in said.err
        assert "Add --likelihood.sigma fixed" in said.err
        assert not (tmp_path / "r").exists()
        assert latentia(*options, "--likelihood.sigma", "fixed").code == 0


def test_the_run_is_untouched_by_a_mistake_in_its_options(run, latentia, inked_path):
    before = json.loads((run.path / "config.json").read_text())
    assert latentia("train", inked_path, "--out", run.path, "--force", "--epochs", -1).code == 2
    assert latentia("train", "nothing", "--out", run.path, "--force").code == 3
    assert json.loads((run.path / "config.json").read_text()) == before
    assert (run.path / "model.safetensors").exists()
