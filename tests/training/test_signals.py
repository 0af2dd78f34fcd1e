"""Real signals to a real process, in the middle of its training."""

import os
import signal
import subprocess
import sys

import pytest
import torch

from latentia.run import Run
from latentia.training.signals import Interrupted, noted

OPTIONS = (
    *("--epochs", "80", "--batch-size", "32", "--latent-dim", "2", "--binarize", "dynamic"),
    *("--network", "mlp", "--network.hidden", "16", "--network.dropout", "0.1"),
    *("--corruption", "masking", "--objective.warmup", "5"),
)
# Checkpoints after every epoch, as a long run has them.
PROGRAM = (
    "import sys, latentia.training.loop as loop; loop._CHECKPOINT_SECONDS = -1.0; "
    "from latentia.cli import main; main(sys.argv[1:])"
)


@pytest.fixture(scope="module")
def whole(latentia, inked_path, tmp_path_factory):
    path = tmp_path_factory.mktemp("signals") / "whole"
    assert latentia("train", inked_path, "--out", path, *OPTIONS).code == 0
    return Run(path)


def without_times(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()]


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
    ids=["SIGINT", "SIGHUP", "SIGKILL"],
)
def test_a_signalled_run_resumes_to_the_bitwise_same_model(
    number, code, whole, latentia, inked_path, tmp_path
):
    out = tmp_path / "run"
    heard, lines = (
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "train", str(inked_path), "--out", str(out), *OPTIONS],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())},
        ),
        [],
    )
    with heard as process:
        for line in process.stderr:
            lines.append(line)
            if line.startswith("epoch  3/"):
                process.send_signal(number)
    heard = "".join(lines)
    assert process.returncode == code, heard
    assert "Traceback" not in heard
    if number != signal.SIGKILL:
        assert f"checkpoint kept. Continue with: latentia train --resume --out {out}" in heard
    assert len(Run(out).metrics()) < len(whole.metrics())

    again = latentia("train", "--resume", "--out", out)
    assert again.code == 0, again.err
    assert "resume " in again.err
    assert (out / "model.safetensors").read_bytes() == (
        whole.path / "model.safetensors"
    ).read_bytes()
    assert without_times(Run(out)) == without_times(whole)
    # Nothing half written is left of the process that died.
    assert list(out.rglob(".*")) == []


@pytest.mark.parametrize("handler", [signal.default_int_handler, signal.SIG_IGN])
def test_the_first_signal_waits_for_the_step_and_the_second_acts_at_once(handler, request):
    """In a background job, too, which starts with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    with pytest.raises(KeyboardInterrupt) as stop, noted() as received:
        os.kill(os.getpid(), signal.SIGINT)
        assert received == [signal.SIGINT]
        os.kill(os.getpid(), signal.SIGINT)
    assert not isinstance(stop.value, Interrupted)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_waits_for_the_step(number, request):
    before = signal.signal(number, signal.SIG_DFL)
    request.addfinalizer(lambda: signal.signal(number, before))
    with noted() as received:
        os.kill(os.getpid(), number)
        assert received == [number]


def test_under_nohup_a_closed_terminal_is_no_reason_to_stop(request):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    request.addfinalizer(lambda: signal.signal(signal.SIGHUP, before))
    with noted() as received:
        os.kill(os.getpid(), signal.SIGHUP)
    assert received == []
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with noted():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_an_interruption_is_no_ordinary_exception():
    """A grid search that swallows failed fits does not swallow Ctrl-C."""
    assert issubclass(Interrupted, KeyboardInterrupt)
    assert not issubclass(Interrupted, Exception)
