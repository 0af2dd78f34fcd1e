"""A run folder: complete, never overwritten by accident, readable without this package."""

import json
import os
import pickletools
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import latentia as lt
from latentia.card import write_card
from latentia.errors import MachineError, RunError
from latentia.run import FORMAT_VERSION, Config, Run


@pytest.fixture
def copied(inked_run, tmp_path):
    """Copy the trained run, to be spoilt."""
    return Run(shutil.copytree(inked_run, tmp_path / "copied"))


def edit(run, **changes):
    path = run.path / "config.json"
    written = json.loads(path.read_text())
    for key, value in changes.items():
        place, names = written, key.split("__")
        for name in names[:-1]:
            place = place[name]
        place[names[-1]] = value
    path.write_text(json.dumps(written))


def full(handle):
    raise OSError(28, "No space left on device")


def files(path):
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def test_the_folder_holds_exactly_what_the_contract_says(inked_run):
    top = {path.name for path in inked_run.iterdir()}
    # Other tests of the session may have evaluated and drawn the run.
    made = {"config.json", "model.safetensors", "metrics.jsonl", "README.md", "checkpoint"}
    assert made <= top
    assert top - made <= {"figures", "evaluation-test.json"}
    inside = {p.name for p in (inked_run / "checkpoint").rglob("*") if p.is_file()}
    assert inside == {
        *("MANIFEST.json", "best.safetensors", "model.safetensors"),
        *("optimizer.safetensors", "state.json"),
    }


def test_no_file_holds_a_pickle(inked_run):
    for name, content in files(inked_run).items():
        assert not content.startswith((b"\x80", b"PK")), name
        with pytest.raises(ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            list(pickletools.genops(content))


def test_every_file_is_read_by_others_tools(inked_run):
    assert json.loads((inked_run / "config.json").read_text())["format_version"] == FORMAT_VERSION
    rows = [json.loads(line) for line in (inked_run / "metrics.jsonl").read_text().splitlines()]
    assert len(rows) == 4
    assert all(np.isfinite(t).all() for t in load_file(inked_run / "model.safetensors").values())


def test_the_configuration_survives_writing_and_reading(inked_run, tmp_path):
    config = Run(inked_run).config()
    other = Run(tmp_path / "other")
    other.create(config)
    assert other.config() == config
    assert Config.model_validate_json(config.model_dump_json()) == config


def test_a_model_is_rebuilt_from_its_folder_alone_in_a_fresh_process(
    latentia, inked, inked_run, tmp_path
):
    data, out = tmp_path / "data.npy", tmp_path / "run"
    np.save(data, inked)
    assert latentia("train", data, "--out", out, "--epochs", 1, "--network.hidden", 8).code == 0
    here = lt.load(out, device="cpu")
    expected = here.transform(inked), here.elbo(inked).elbo
    moved = shutil.move(out, tmp_path / "elsewhere")
    data.unlink()
    np.save(tmp_path / "x.npy", inked)
    program = (
        "import sys, numpy as np, latentia as lt\n"
        "model, x = lt.load('elsewhere', device='cpu'), np.load('x.npy')\n"
        "np.savez('found.npz', z=model.transform(x), elbo=model.elbo(x).elbo)\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": str(__import__("torch").get_num_threads())}
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, check=True)
    with np.load(tmp_path / "found.npz") as found:
        assert np.array_equal(found["z"], expected[0])
        assert np.array_equal(found["elbo"], expected[1])
    assert moved


class TestNeverOverwritten:
    def test_without_force_or_resume(self, copied, latentia, inked_path):
        before = files(copied.path)
        said = latentia("train", inked_path, "--out", copied.path)
        assert said.code == 4
        assert "already holds a run" in said.err
        assert "--resume" in said.err
        assert "--force" in said.err
        assert files(copied.path) == before

    def test_force_removes_what_a_run_wrote_and_nothing_else(self, copied, latentia, inked_path):
        (copied.path / "notes.txt").write_text("mine")
        (copied.path / "figures").mkdir(exist_ok=True)
        (copied.path / "figures" / "samples.png").write_bytes(b"old")
        (copied.path / "epochs").mkdir()
        (copied.path / "epochs" / "0001.safetensors").write_bytes(b"old")
        (copied.path / "evaluation-test.json").write_text('{"elbo": 1}')
        (copied.path / ".model.safetensors.77").write_bytes(b"half")
        (copied.path / "film.safetensors").write_bytes(b"old")
        (copied.path / ".film.safetensors.77").write_bytes(b"half")
        said = latentia(
            *("train", inked_path, "--out", copied.path, "--force"),
            *("--epochs", 1, "--network.hidden", 8),
        )
        assert said.code == 0, said.err
        left = set(files(copied.path))
        assert (copied.path / "notes.txt").read_text() == "mine"
        assert not {
            n for n in left if n.startswith(("figures", "epochs", "evaluation", "film", "."))
        }
        assert copied.config().training.epochs == 1
        assert {row["epoch"] for row in copied.metrics()} == {1}

    @pytest.mark.parametrize("flags", [(), ("--force",)])
    def test_a_folder_that_is_no_run_is_left_alone(self, tmp_path, latentia, inked_path, flags):
        folder = tmp_path / "thesis"
        folder.mkdir()
        (folder / "chapter.txt").write_text("years of work")
        said = latentia("train", inked_path, "--out", folder, "--epochs", 1, *flags)
        assert said.code == 4
        assert "not a run; it was left alone" in said.err
        assert files(folder) == {"chapter.txt": b"years of work"}

    def test_a_file_is_left_alone(self, tmp_path, latentia, inked_path):
        path = tmp_path / "file"
        path.write_text("mine")
        assert latentia("train", inked_path, "--out", path, "--force").code == 4
        assert path.read_text() == "mine"

    def test_saving_an_estimator_over_a_run(self, copied, inked):
        model = lt.load(copied.path)
        before = files(copied.path)
        with pytest.raises(RunError, match="already holds a run"):
            model.save(copied.path)
        assert files(copied.path) == before
        model.save(copied.path, force=True)
        assert np.array_equal(lt.load(copied.path).transform(inked), model.transform(inked))


def test_a_folder_that_cannot_be_written_is_a_problem_of_the_machine(inked_run, tmp_path, says):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError) as caught:
        Run(tmp_path / "file" / "run").create(Run(inked_run).config())
    says(caught.value, "cannot be written", "Not a directory", str(tmp_path), "--out")


SPOILT_CONFIGS = [
    (lambda run: (run.path / "config.json").unlink(), "config.json is missing"),
    (lambda run: (run.path / "config.json").write_text('{"format_ver'), "cannot be read"),
    (lambda run: (run.path / "config.json").write_text("[1]"), "cannot be read"),
    (lambda run: (run.path / "config.json").write_bytes(b"\xff\xfe"), "cannot be read"),
    (lambda run: edit(run, format_version=FORMAT_VERSION + 1), "format 2; this version reads up"),
    (lambda run: edit(run, format_version=0), "format_version is 0"),
    (lambda run: edit(run, format_version=None), "format_version is None"),
    (lambda run: edit(run, surprise=1), "surprise: this version knows no such entry"),
    (lambda run: edit(run, training__epochs="many"), "training.epochs"),
    (lambda run: edit(run, data__data_schema={}), "cannot be read"),
]


@pytest.mark.parametrize(("spoil", "what"), SPOILT_CONFIGS)
def test_a_configuration_that_cannot_be_used(copied, spoil, what, says):
    spoil(copied)
    with pytest.raises(RunError) as caught:
        lt.load(copied.path)
    says(caught.value, what, str(copied.path), "mend:")
    assert "Exception" not in str(caught.value)


SPOILT_MODELS = [
    (lambda run: edit(run, model__likelihood={"name": "oracle"}), "There is no likelihood called"),
    (lambda run: edit(run, model__likelihood={}), "describes no model that can be built"),
    (lambda run: edit(run, model__network={"name": "mlp", "depth": 3}), "no option 'depth'"),
    (lambda run: (run.path / "model.safetensors").unlink(), "no weights yet"),
    (lambda run: edit(run, model__latent_dim=7), "another model"),
]


@pytest.mark.parametrize(("spoil", "what"), SPOILT_MODELS)
def test_a_model_that_cannot_be_rebuilt(copied, spoil, what, says):
    spoil(copied)
    with pytest.raises(RunError) as caught:
        copied.load_model()
    says(caught.value, what, str(copied.path), "mend:")


@pytest.mark.parametrize("keep", [0, 7, 100, -1])
def test_truncated_weights(copied, keep, says):
    path = copied.path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunError) as caught:
        copied.load_model()
    says(caught.value, "The weights cannot be read", str(path), "mend:")


def test_weights_of_another_model(copied, says):
    path = copied.path / "model.safetensors"
    save_file({"stranger": np.zeros(3, np.float32)}, path)
    with pytest.raises(RunError) as caught:
        copied.load_model()
    says(caught.value, "another model than config.json describes", str(path))


def test_metrics_cut_by_a_crash_are_read_up_to_the_cut(copied):
    whole = copied.metrics()
    path = copied.path / "metrics.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    assert copied.metrics() == whole[:-1]


def film_of(epochs):
    frames = np.arange(len(epochs) * 36, dtype=np.uint8).reshape(len(epochs), 1, 6, 6)
    examples = np.zeros((1, 6, 6), np.uint8)
    return {"examples": examples, "frames": frames, "epochs": np.array(epochs, np.int32)}


def test_frames_beyond_what_is_gone_on_from_go(copied):
    """A watched run was killed past its checkpoint, and nobody watches it go on."""
    whole = film_of([0, 1, 2, 4])
    save_file(whole, copied.film)
    copied.rewind(4)
    assert load_file(copied.film)["epochs"].tolist() == [0, 1, 2, 4]
    copied.rewind(2)
    kept = load_file(copied.film)
    assert kept["epochs"].tolist() == [0, 1, 2] and kept["examples"].shape == (1, 6, 6)
    assert np.array_equal(kept["frames"], whole["frames"][:3])
    save_file(film_of([3, 4]), copied.film)
    copied.rewind(2)
    assert not copied.film.exists()
    for broken in (b"no film", b""):
        copied.film.write_bytes(broken)
        copied.rewind(2)
        assert copied.film.read_bytes() == broken


def test_weights_of_epochs_beyond_what_is_gone_on_from_go(copied):
    (copied.path / "epochs").mkdir(exist_ok=True)
    for epoch in (1, 2, 3):
        copied.save_snapshot(copied.load_model(), epoch)
    copied.rewind(2)
    assert [epoch for epoch, _ in copied.snapshots()] == [1, 2]


def test_who_resumes_unwatched_keeps_no_frame_of_epochs_to_come(copied, latentia):
    save_file(film_of([0, 1, 2, 3]), copied.film)
    said = latentia("train", "--resume", "--out", copied.path, "--epochs", 4)
    assert said.code == 0, said.err
    assert load_file(copied.film)["epochs"].tolist() == [0, 1, 2]


def test_evaluations_go_with_the_weights_that_they_are_of(copied, says):
    numbers = {"split": "test", "elbo": -1.0, "n_importance": 10**9}
    copied.save_evaluation(numbers)
    model = copied.load_model()
    copied.save_model(model)  # the same weights
    assert copied.evaluations() == {"test": numbers}
    next(model.parameters()).data += 1
    copied.save_model(model)
    assert copied.evaluations() == {}
    (copied.path / "evaluation-test.json").write_text("{")
    with pytest.raises(RunError) as caught:
        copied.evaluations()
    says(caught.value, "cannot be read", "evaluation-test.json", "run `latentia evaluate` again")


def test_numbers_that_cannot_be_written_leave_the_earlier_ones(copied, monkeypatch, says):
    numbers = {
        **{"split": "test", "elbo": -1.0, "reconstruction": -1.0, "kl": 0.0, "n_importance": 5},
        **{"log_likelihood": None, "active_units": 0, "n_examples": 12},
    }
    copied.save_evaluation(numbers)
    with monkeypatch.context() as patched:
        patched.setattr("latentia.files.os.fsync", full)
        for write in (
            lambda: copied.save_evaluation({**numbers, "elbo": -2.0}),
            lambda: write_card(copied),
            lambda: copied.append([{"epoch": 3}]) or copied.rewind(2),
            lambda: copied.save_snapshot(copied.load_model(), 1),
        ):
            with pytest.raises(MachineError) as caught:
                write()
            says(caught.value, "cannot be written: No space", str(copied.path), "Make room")
            assert caught.value.exit_code == 5
    assert copied.evaluations()["test"]["elbo"] == -1.0
    assert not list(copied.path.glob(".*"))


def test_metrics_that_cannot_be_appended_say_where(copied, says):
    path = copied.path / "metrics.jsonl"
    path.unlink()
    path.mkdir()
    with pytest.raises(MachineError) as caught:
        copied.append([{"epoch": 3}])
    says(caught.value, "Is a directory", str(path), "mend:")


def test_a_folder_that_cannot_be_emptied_is_not_half_replaced(copied, monkeypatch, says):
    """Else an old checkpoint would be taken for one of the new run."""

    def denied(path, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("latentia.run.shutil.rmtree", denied)
    with pytest.raises(MachineError) as caught:
        copied.create(copied.config(), force=True)
    says(caught.value, "Permission denied", str(copied.path), "chmod")


def test_no_run_at_all(tmp_path, says):
    with pytest.raises(RunError) as caught:
        lt.load(tmp_path / "nowhere")
    says(caught.value, "There is no run here", "nowhere", "latentia train --out")


def test_the_model_of_an_epoch_has_its_weights(kept_run):
    for epoch in (1, 2):
        kept = load_file(kept_run / "epochs" / f"{epoch:04d}.safetensors")
        found = lt.load(kept_run, device="cpu", epoch=epoch).model_.state_dict()
        assert all(np.array_equal(found[name], value) for name, value in kept.items())
    with pytest.raises(RunError, match=r"(?s)epoch 9 were not kept.*one of 1, 2"):
        lt.load(kept_run, device="cpu", epoch=9)


def test_an_epoch_of_a_run_that_kept_none_is_refused(inked_run):
    with pytest.raises(RunError, match=r"(?s)epoch 1 were not kept.*snapshots"):
        lt.load(inked_run, device="cpu", epoch=1)
