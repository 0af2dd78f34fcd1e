"""A checkpoint that a crash, a bit or a hand has spoiled is never used."""

import json
import shutil

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from latentia.errors import RunError
from latentia.training import checkpoint
from latentia.training.adamw import AdamW
from latentia.training.checkpoint import Checkpoints, Progress

FILES = ["best.safetensors", "model.safetensors", "optimizer.safetensors", "state.json"]


def stepped(seed=0):
    torch.manual_seed(seed)
    model = nn.Linear(3, 2)
    optimizer = AdamW([*model.parameters()])
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step(0.1)
    return model, optimizer


@pytest.fixture
def kept(tmp_path):
    """Keep two checkpoints, of epochs 1 and 2."""
    checkpoints = Checkpoints(tmp_path / "checkpoint")
    for epoch in (1, 2):
        model, optimizer = stepped(epoch)
        standing = Progress(epoch=epoch, best_epoch=1, best_score=-1.0)
        checkpoints.save(model, optimizer, standing, model.state_dict())
    return checkpoints


def newest(checkpoints):
    return sorted(checkpoints.folder.glob("epoch-*"))[-1]


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def test_weights_optimizer_and_standing_come_back_exactly(kept):
    model, optimizer = stepped(2)
    again, other = stepped(99)
    standing = kept.load(again, other)
    assert (standing.epoch, standing.best_score, standing.first_elbo) == (2, -1.0, float("-inf"))
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=1))
    mine, yours = optimizer.tensors(), other.tensors()
    assert mine.keys() == yours.keys()
    assert all(torch.equal(mine[name], yours[name]) for name in mine)
    assert torch.equal(kept.best()["weight"], model.weight)


@pytest.mark.parametrize("spoil", [truncate, flip, lambda path: path.unlink()])
@pytest.mark.parametrize("name", [*FILES, "MANIFEST.json"])
def test_a_spoilt_file_is_noticed_and_the_checkpoint_before_is_used(kept, name, spoil):
    spoil(newest(kept) / name)
    standing, broken = kept.peek()
    assert standing.epoch == 1
    assert len(broken) == 1
    assert "epoch-000002" in broken[0]
    assert "used the one before" in broken[0]
    model, optimizer = stepped(99)
    assert kept.load(model, optimizer).epoch == 1
    assert torch.equal(model.weight, stepped(1)[0].weight)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_flipped_bit_goes_unnoticed(kept, data):
    path = newest(kept) / data.draw(st.sampled_from(FILES))
    content = bytearray(path.read_bytes())
    original = bytes(content)
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(content))
    try:
        assert kept.peek()[0].epoch == 1
    finally:
        path.write_bytes(original)


def test_a_manifest_that_leaves_a_file_out_is_no_manifest(kept):
    (newest(kept) / "MANIFEST.json").write_text("{}")
    assert kept.peek()[0].epoch == 1


def test_with_every_checkpoint_broken_nothing_is_started_silently(kept, says):
    for folder in kept.folder.iterdir():
        flip(folder / "model.safetensors")
    with pytest.raises(RunError) as caught:
        kept.load(*stepped())
    says(caught.value, "Every checkpoint is broken", "model.safetensors does not match", "--out")
    assert caught.value.exit_code == 4


def test_two_checkpoints_are_kept(kept):
    model, optimizer = stepped()
    kept.save(model, optimizer, Progress(epoch=3), model.state_dict())
    assert [int(p.name[6:12]) for p in sorted(kept.folder.iterdir())] == [2, 3]


@pytest.mark.parametrize("point", ["save_file", "_sync", "_sha256"])
def test_a_save_that_fails_leaves_the_earlier_ones_and_no_litter(kept, monkeypatch, point):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    model, optimizer = stepped()
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, point, fail)
        with pytest.raises(OSError, match="No space"):
            kept.save(model, optimizer, Progress(epoch=3), model.state_dict())
    assert kept.peek() == (kept.peek()[0], [])
    assert kept.peek()[0].epoch == 2
    assert [p.name[0] for p in kept.folder.iterdir()] == ["e", "e"]


def test_what_a_killed_save_left_is_neither_read_nor_kept(kept):
    aside = kept.folder / ".epoch-000009-step-00000000.4242"
    shutil.copytree(newest(kept), aside)
    assert kept.peek()[0].epoch == 2
    kept.sweep()
    assert not aside.exists()
    assert kept.peek()[0].epoch == 2


def test_a_checkpoint_holds_no_pickle(kept):
    names = {path.name for path in newest(kept).iterdir()}
    assert names == {*FILES, "MANIFEST.json"}
    json.loads((newest(kept) / "state.json").read_text())
