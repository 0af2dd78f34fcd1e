"""A resumed run is the uninterrupted run, bit for bit."""

import shutil

import pytest

from latentia.errors import DataError, RunError
from latentia.evaluation.bound import Bound
from latentia.session import reopen
from latentia.training import loop
from latentia.training.progress import Quiet
from latentia.training.signals import Interrupted

# 96 training rows in batches of 32: three steps an epoch, four epochs.
BOUNDARIES = [(1, 1), (1, 2), (1, 3), (2, 1), (3, 2), (4, 2), (4, 3)]


@pytest.fixture
def whole(make_run, told):
    session, run = make_run("whole")
    session.train(Quiet(), run=run)
    return told(run)


@pytest.fixture
def every_epoch(monkeypatch):
    """Keep a checkpoint after every epoch, however fast it was."""
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1.0)


def go_on(run):
    reopen(run, device="cpu").train(Quiet(), run=run, resume=True)


@pytest.mark.parametrize(("epoch", "step"), BOUNDARIES)
def test_interrupted_anywhere_and_resumed_is_bitwise_the_whole_run(
    epoch, step, make_run, at, interrupt, told, whole
):
    session, run = make_run()
    with pytest.raises(Interrupted) as stop:
        session.train(at(epoch, step, interrupt), run=run)
    assert stop.value.exit_code == 130
    standing, broken = run.checkpoints.peek()
    assert (standing.epoch + 1, standing.step, broken) == (epoch, step, [])
    go_on(run)
    assert told(run) == whole


def test_a_prior_of_training_examples_finds_them_again(make_run, at, interrupt, told):
    wishes = {"prior": {"name": "exemplar", "components": 40, "subset": 15}}
    session, one = make_run("one", wishes=wishes)
    session.train(Quiet(), run=one)
    session, other = make_run("other", wishes=wishes)
    with pytest.raises(Interrupted):
        session.train(at(3, 2, interrupt), run=other)
    go_on(other)
    assert told(other) == told(one)


@pytest.mark.parametrize("epoch", [2, 4])
def test_interrupted_while_an_epoch_is_measured_it_stops_before_another_step(
    make_run, told, whole, interrupt, monkeypatch, epoch
):
    real, measured = loop._validate, []

    def validated(task):
        measured.append(1)
        if len(measured) == epoch + 1:  # the first is the untrained model's
            interrupt()
        return real(task)

    monkeypatch.setattr(loop, "_validate", validated)
    session, run = make_run()
    with pytest.raises(Interrupted):
        session.train(Quiet(), run=run)
    standing, _ = run.checkpoints.peek()
    assert (standing.epoch, standing.step) == (epoch, 0)
    monkeypatch.undo()
    go_on(run)
    assert told(run) == whole


@pytest.mark.parametrize(("epoch", "step"), [(2, 1), (2, 3), (3, 1), (4, 3)])
def test_killed_without_warning_and_resumed_is_bitwise_the_whole_run(
    epoch, step, make_run, at, kill, killed, told, whole, every_epoch
):
    session, run = make_run()
    with pytest.raises(killed):
        session.train(at(epoch, step, kill), run=run)
    assert run.checkpoints.peek()[0].epoch == epoch - 1
    go_on(run)
    assert told(run) == whole


@pytest.mark.parametrize("codebook", ["average", "loss"])
def test_a_codebook_goes_on_where_it_was(make_run, at, interrupt, told, codebook):
    """Its words, how often each is used, and which are put elsewhere."""
    choices = {"choices": 4}
    words = {"name": "vector-quantized", "depth": 2, "codebook": codebook, "restart": 0.5}
    options = {
        "wishes": {
            "latent_dim": 24,
            "posterior": words | choices | {"decay": 0.7},
            "prior": {"name": "autoregressive", "layers": 1, "width": 16} | choices,
        },
        "objective": "commitment",
    }
    session, run = make_run("uninterrupted", **options)
    session.train(Quiet(), run=run)
    session, other = make_run("interrupted", **options)
    with pytest.raises(Interrupted):
        session.train(at(3, 2, interrupt), run=other)
    go_on(other)
    assert told(other) == told(run)


def test_interrupted_twice_is_bitwise_the_whole_run(make_run, at, interrupt, told, whole):
    session, run = make_run()
    with pytest.raises(Interrupted):
        session.train(at(1, 2, interrupt), run=run)
    with pytest.raises(Interrupted):
        reopen(run, device="cpu").train(at(3, 1, interrupt), run=run, resume=True)
    go_on(run)
    assert told(run) == whole


def test_resuming_a_finished_run_changes_nothing(make_run, told):
    session, run = make_run()
    session.train(Quiet(), run=run)
    before = told(run)
    go_on(run)
    assert told(run) == before


def _scripted(monkeypatch, elbos):
    """Let validation find these ELBOs, the first of them before training."""
    left = iter(elbos)
    monkeypatch.setattr(
        loop, "bound", lambda *a, **k: Bound(next(left), -1.0, 1.0, None, active_units=0)
    )


def test_a_best_epoch_before_the_resume_point_stays_the_best(
    make_run, at, kill, killed, told, every_epoch, monkeypatch
):
    _scripted(monkeypatch, [-20, -5, -9, -8, -7])
    session, run = make_run("whole", snapshots=True)
    session.train(Quiet(), run=run)
    best = (run.path / "epochs" / "0001.safetensors").read_bytes()
    assert told(run)[0] == best

    _scripted(monkeypatch, [-20, -5, -9])
    session, broken = make_run()
    with pytest.raises(killed):
        session.train(at(3, 2, kill), run=broken)
    _scripted(monkeypatch, [-8, -7])
    reopened = reopen(broken, device="cpu")
    reopened.train(Quiet(), run=broken, resume=True)
    assert told(broken) == told(run)
    assert dict(reopened.model.state_dict()).keys() == reopened.task.best.keys()


def test_weights_of_epochs_after_the_checkpoint_do_not_survive_a_resume(
    make_run, at, kill, killed, every_epoch, monkeypatch
):
    """The process died after epoch 2, its best, but only epoch 1 is checkpointed."""
    _scripted(monkeypatch, [-20, -5, -4])
    session, run = make_run(snapshots=True)
    with pytest.raises(killed):
        session.train(at(3, 1, kill), run=run)
    newest = sorted(run.checkpoints.folder.glob("epoch-*"))[-1]
    shutil.rmtree(newest)
    _scripted(monkeypatch, [-6, -7, -8])
    reopen(run, device="cpu").train(Quiet(), run=run, resume=True)
    first = (run.path / "epochs" / "0001.safetensors").read_bytes()
    assert (run.path / "model.safetensors").read_bytes() == first


def test_metrics_written_after_the_checkpoint_are_written_once(
    make_run, at, kill, killed, every_epoch
):
    session, run = make_run()
    with pytest.raises(killed):
        session.train(at(4, 1, kill), run=run)
    shutil.rmtree(sorted(run.checkpoints.folder.glob("epoch-*"))[-1])
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"epoch": 4, "spl')  # cut by the crash
    go_on(run)
    places = [(row["epoch"], row["split"]) for row in run.metrics()]
    assert places == [(e, s) for e in (1, 2, 3, 4) for s in ("train", "validation")]


def test_changed_data_are_refused(make_run, at, interrupt, inked, inked_path, says):
    import numpy as np

    session, run = make_run()
    with pytest.raises(Interrupted):
        session.train(at(2, 1, interrupt), run=run)
    changed = inked.copy()
    changed[7, 3, 3] ^= 1
    np.save(inked_path, changed)
    try:
        with pytest.raises(DataError) as caught:
            reopen(run)
    finally:
        np.save(inked_path, inked)
    says(caught.value, "changed since this run began", "hash", "Restore the data")


def test_killed_in_its_first_step_it_resumes_to_the_whole_run(
    make_run, at, kill, killed, told, whole
):
    session, run = make_run()
    with pytest.raises(killed):
        session.train(at(1, 1, kill), run=run)
    standing, broken = run.checkpoints.peek()
    assert (standing.epoch, standing.step, broken) == (0, 0, [])
    go_on(run)
    assert told(run) == whole


def test_the_first_epoch_is_kept_however_fast_it_was(make_run, at, kill, killed):
    session, run = make_run()
    with pytest.raises(killed):
        session.train(at(2, 1, kill), run=run)
    assert run.checkpoints.peek()[0].epoch == 1


def test_stopped_before_its_first_checkpoint_it_begins_again(make_run, told, whole):
    _, run = make_run()
    assert not run.begun
    reopen(run, device="cpu", afresh=True).train(Quiet(), run=run)
    assert told(run) == whole


def test_numbers_without_weights_are_begun_again(make_run, told, whole):
    """The disk was full from the start."""
    _, run = make_run()
    run.append([{"epoch": 1, "split": "train"}, {"epoch": 1, "split": "validation"}])
    assert not run.begun
    reopen(run, device="cpu", afresh=True).train(Quiet(), run=run)
    assert told(run) == whole


def test_weights_without_a_checkpoint_are_not_begun_again(make_run, says):
    session, run = make_run()
    run.save_model(session.model)
    assert run.begun
    with pytest.raises(RunError) as caught:
        go_on(run)
    says(caught.value, "no checkpoint to resume from", str(run.path), "another --out")
