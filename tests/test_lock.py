"""One writer at a time, and nobody is locked out by the dead."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from latentia.errors import MachineError, RunError
from latentia.lock import LOCK_NAME, FolderLock

HOLD = (
    "import sys, time; from pathlib import Path; from latentia.lock import FolderLock\n"
    "with FolderLock(Path(sys.argv[1])).hold():\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


@pytest.fixture
def holder(tmp_path):
    """Start another process that holds the lock of a folder."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_is_named_and_a_killed_one_holds_nothing(holder, tmp_path, says):
    with pytest.raises(RunError) as caught, FolderLock(tmp_path).hold():
        pass
    says(
        caught.value, f"by process {holder.pid} on ", str(tmp_path), f"kill {holder.pid}", "--out"
    )
    assert caught.value.exit_code == 4
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / LOCK_NAME).exists()  # what it left behind
    with FolderLock(tmp_path).hold():
        assert (tmp_path / LOCK_NAME).read_text().startswith(f"{os.getpid()} ")
    assert list(tmp_path.iterdir()) == []


def test_the_refused_leave_the_holder_its_lock(tmp_path):
    one, other = FolderLock(tmp_path), FolderLock(tmp_path)
    with one.hold():
        for _ in range(2):
            with pytest.raises(RunError), other.hold():
                pass
        assert (tmp_path / LOCK_NAME).exists()
    with other.hold():
        pass


def test_whoever_holds_it_may_hold_it_again(tmp_path):
    one, other = FolderLock(tmp_path), FolderLock(tmp_path)
    with one.hold():
        with one.hold():
            pass
        with pytest.raises(RunError), other.hold():
            pass


def test_a_holder_that_left_no_name_is_another_process(tmp_path, says):
    with FolderLock(tmp_path).hold():
        (tmp_path / LOCK_NAME).write_text("")
        with pytest.raises(RunError) as caught, FolderLock(tmp_path).hold():
            pass
    says(caught.value, "being trained by another process", "--out")


def test_on_a_disk_without_locks_the_work_goes_on(tmp_path, monkeypatch):
    def refuse(self):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("latentia.lock.FileLock.acquire", refuse)
    with FolderLock(tmp_path).hold():
        pass


def test_a_folder_that_cannot_be_made(tmp_path, says):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError) as caught, FolderLock(tmp_path / "file" / "run").hold():
        pass
    says(caught.value, "cannot be written: Not a directory", "--out")
