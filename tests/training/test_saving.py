"""A checkpoint that fails costs a warning; the last one, a plain word of what is lost."""

import pytest
import torch

from latentia.errors import MachineError
from latentia.session import reopen
from latentia.training import checkpoint, loop
from latentia.training.adamw import AdamW
from latentia.training.observer import Observer
from latentia.training.progress import Quiet
from latentia.training.signals import Interrupted


class Listener(Observer):
    def __init__(self, after=lambda epoch: None):
        self.warnings, self.after = [], after

    def epoch(self, rows, improved):
        self.after(rows[-1]["epoch"])

    def warn(self, text):
        self.warnings.append(text)


@pytest.fixture
def disk(monkeypatch):
    """Return a disk for checkpoints that can be made full, and read-only."""
    real = checkpoint.save_file

    class Disk:
        error = None

        def write(self, tensors, path):
            if self.error is not None:
                raise self.error
            real(tensors, path)

    disk = Disk()
    monkeypatch.setattr(checkpoint, "save_file", disk.write)
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1.0)
    return disk


FULL = OSError(28, "No space left on device")
DENIED = PermissionError(13, "Permission denied")


@pytest.mark.parametrize(("error", "mend"), [(FULL, "Make room"), (DENIED, "chmod")])
def test_one_that_fails_is_told_once_and_training_goes_on(error, mend, make_run, told, disk, says):
    whole, run = make_run("whole")
    whole.train(Quiet(), run=run)
    session, poor = make_run("poor")

    def fill(epoch):
        disk.error = error if epoch in (2, 3) else None

    heard = Listener(fill)
    session.train(heard, run=poor)
    assert told(poor) == told(run)
    (warning,) = heard.warnings
    says(warning, "training goes on", error.strerror, str(poor.path), mend)
    assert "a crash loses everything after epoch 1 and 0 steps" in warning
    assert poor.checkpoints.peek()[0].epoch == 4


def test_a_disk_that_fills_twice_is_told_twice(make_run, disk):
    session, run = make_run(epochs=5)
    heard = Listener(lambda epoch: setattr(disk, "error", FULL if epoch in (2, 4) else None))
    session.train(heard, run=run)
    assert len(heard.warnings) == 2


def test_safetensors_own_word_for_a_full_disk_is_understood(make_run, disk):
    session, run = make_run()
    heard = Listener(
        lambda epoch: setattr(
            disk, "error", checkpoint.SafetensorError("No space left") if epoch == 2 else None
        )
    )
    session.train(heard, run=run)
    assert "No space left" in heard.warnings[0]


def test_the_last_one_is_an_error_that_says_what_is_lost(make_run, told, disk, says):
    whole, run = make_run("whole")
    whole.train(Quiet(), run=run)
    session, poor = make_run("poor")

    def fill(epoch):
        disk.error = FULL if epoch >= 2 else None

    with pytest.raises(MachineError) as caught:
        session.train(Listener(fill), run=poor)
    says(
        caught.value,
        *("last checkpoint could not be written", "loses everything after epoch 1 and 0 steps"),
        *("best weights so far are of epoch", str(poor.path), "Make room", "--resume"),
    )
    assert caught.value.exit_code == 5
    # The older one is whole, and the weights that were found are there.
    assert poor.checkpoints.peek() == (poor.checkpoints.peek()[0], [])
    assert told(poor) == told(run)
    disk.error = None
    reopen(poor, device="cpu").train(Quiet(), run=poor, resume=True)
    assert told(poor) == told(run)


def test_an_interruption_whose_checkpoint_fails_claims_none(make_run, at, interrupt, disk, says):
    def stop():
        disk.error = FULL
        interrupt()

    session, run = make_run()
    with pytest.raises(MachineError) as caught:
        session.train(at(1, 2, stop), run=run)
    says(
        caught.value, "loses everything since the first step", "best weights so far are untrained"
    )
    assert not isinstance(caught.value, Interrupted)


def test_with_no_room_from_the_start_it_is_said(make_run, disk, says):
    disk.error = FULL
    session, run = make_run()
    heard = Listener()
    with pytest.raises(MachineError):
        session.train(heard, run=run)
    (warning,) = heard.warnings
    assert "a crash loses everything since the start" in warning


def test_on_the_command_line_the_card_is_written_all_the_same(
    disk, latentia, inked_path, tmp_path, monkeypatch
):
    disk.error = FULL
    said = latentia(
        *("train", inked_path, "--out", tmp_path / "run", "--epochs", 2),
        *("--network.hidden", 8, "--batch-size", 32),
    )
    assert said.code == 5
    assert said.err.count("A checkpoint could not be written") == 1
    assert f"continue with: latentia train --resume --out {tmp_path / 'run'}" in said.err
    assert "latentia: The last checkpoint could not be written" in said.err
    assert "validation, epoch" in (tmp_path / "run" / "README.md").read_text()
    assert latentia("evaluate", tmp_path / "run", "--importance", 2).code == 0


def test_a_whole_checkpoint_is_never_replaced(tmp_path, monkeypatch):
    """Replacing it, a crash in between would leave none."""
    model = torch.nn.Linear(2, 1)
    optimizer = AdamW([*model.parameters()])
    kept = checkpoint.Checkpoints(tmp_path)
    kept.save(model, optimizer, checkpoint.Progress(epoch=1), model.state_dict())
    monkeypatch.setattr(checkpoint.shutil, "rmtree", lambda path, **options: 1 / 0)
    kept.save(model, optimizer, checkpoint.Progress(epoch=1), model.state_dict())
    assert kept.peek()[0].epoch == 1
