"""Waiting threads spin on an idle machine and sleep on a busy one; the user's word comes first."""

import subprocess
import sys
import time

import pytest

from latentia import threads


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Return a function that makes the machine look as if so many threads were running."""

    def make(running, own=("R",)):
        (tmp_path / "loadavg").write_text(f"0.10 0.20 0.30 {running}/200 4242\n")
        for number, state in enumerate(own):
            (tmp_path / "task" / str(number)).mkdir(parents=True, exist_ok=True)
            stat = tmp_path / "task" / str(number) / "stat"
            stat.write_text(f"{number} (a (strange) name) {state} 1 1\n")
        monkeypatch.setattr(threads, "_LOAD", tmp_path / "loadavg")
        monkeypatch.setattr(threads, "_OWN", tmp_path / "task")
        monkeypatch.setattr(threads.os, "cpu_count", lambda: 4)

    return make


@pytest.mark.parametrize(
    ("running", "own", "busy"),
    [
        (1, ("R",), False),
        (2, ("R",), False),  # one of four processors
        (3, ("R",), True),
        (3, ("R", "R", "R"), False),  # all of them are this program's
        (4, ("R", "S", "R"), True),
    ],
)
def test_half_of_the_processors_at_work_for_others_is_busy(load, running, own, busy):
    load(running, own)
    assert threads.busy() is busy


def test_what_only_passes_is_not_busy(load, monkeypatch):
    load(4)
    real, looks = threads._others, []

    def passing():
        looks.append(1)
        return 0 if len(looks) == 7 else real()

    monkeypatch.setattr(threads, "_others", passing)
    assert not threads.busy()
    assert len(looks) == 7


def test_a_system_that_does_not_say_is_not_busy(monkeypatch, tmp_path):
    monkeypatch.setattr(threads, "_LOAD", tmp_path / "none")
    assert not threads.busy()


@pytest.mark.skipif(not threads._LOAD.exists(), reason="only Linux says how busy it is")
def test_a_busy_loop_beside_is_noticed(monkeypatch):
    monkeypatch.setattr(threads.os, "cpu_count", lambda: 1)
    beside = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.2)
        assert threads.busy()
    finally:
        beside.kill()
        beside.wait()


@pytest.mark.parametrize(
    ("busy", "given", "loaded", "then"),
    [
        (True, None, False, "PASSIVE"),
        (False, None, False, None),
        (True, "ACTIVE", False, "ACTIVE"),
        (True, None, True, None),  # torch is there already, and has read it
    ],
)
def test_threads_sleep_where_it_is_busy_and_nobody_said_otherwise(
    monkeypatch, busy, given, loaded, then
):
    monkeypatch.setattr(threads.os, "environ", {"OMP_WAIT_POLICY": given} if given else {})
    monkeypatch.setattr(threads, "busy", lambda: busy)
    if not loaded:
        monkeypatch.delitem(sys.modules, "torch", raising=False)
    else:
        monkeypatch.setitem(sys.modules, "torch", object())
    threads.settle()
    assert threads.os.environ.get("OMP_WAIT_POLICY") == then
