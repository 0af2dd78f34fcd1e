"""A run that is asked to stand still, or to end, loses and changes nothing."""

import time

import pytest

from latentia.session import reopen
from latentia.training import loop
from latentia.training.observer import Observer
from latentia.training.progress import Quiet
from latentia.training.signals import Interrupted

PLACE = (2, 2)  # epoch and step, counted from 1
LONG = 400.0


class Clock:
    """A clock that no busy machine moves: a look takes a millisecond, sleep what it says."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        self.now += 1e-3
        return self.now

    monotonic = perf_counter

    def sleep(self, seconds):
        self.now += seconds


class Asking(Observer):
    """Ask for something from one step on."""

    def __init__(self, *, pause=0.0, stop=False, within=None):
        self.pause, self.stop, self.within = pause, stop, within
        self.until, self.there, self.looked = 0.0, False, []

    @property
    def pauses(self):
        if self.within is not None and self.there:
            self.within()
        return time.monotonic() < self.until

    @property
    def enough(self):
        return self.stop and self.there

    def step(self, standing, steps, terms):
        if (standing.epoch + 1, standing.step) == PLACE:
            self.there, self.until = True, time.monotonic() + self.pause

    def epoch(self, rows, improved):
        """Hear of one epoch."""

    def look(self, model):
        self.looked.append({name: value.clone() for name, value in model.state_dict().items()})


@pytest.fixture
def whole(make_run, told):
    session, run = make_run("whole")
    session.train(Quiet(), run=run)
    return told(run)


def test_a_pause_changes_nothing_and_is_no_time_of_training(make_run, told, whole, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(loop, "time", clock)
    monkeypatch.setitem(globals(), "time", clock)
    session, run = make_run()
    session.train(Asking(pause=LONG), run=run)
    assert told(run) == whole
    seconds = [row["seconds"] for row in run.metrics()]
    assert clock.now > LONG and max(seconds) < 1
    standing, _ = run.checkpoints.peek()
    assert 0 < standing.elapsed < 1


def test_a_pause_keeps_a_checkpoint_from_which_a_killed_run_goes_on(
    make_run, told, whole, kill, killed
):
    session, run = make_run()
    with pytest.raises(killed):
        session.train(Asking(pause=60, within=kill_later(kill)), run=run)
    standing, broken = run.checkpoints.peek()
    assert (standing.epoch + 1, standing.step) == PLACE and not broken
    reopen(run, device="cpu").train(Quiet(), run=run, resume=True)
    assert told(run) == whole


def kill_later(kill):
    """Return an action that kills at its second call: once the run stands still."""
    calls = []

    def act():
        calls.append(None)
        if len(calls) > 1:
            kill()

    return act


def test_ctrl_c_ends_a_run_that_stands_still(make_run, told, whole, interrupt):
    calls = []

    def once():
        calls.append(None)
        if len(calls) == 3:
            interrupt()

    session, run = make_run()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        session.train(Asking(pause=60, within=once), run=run)
    assert time.monotonic() - began < 30
    standing, _ = run.checkpoints.peek()
    assert (standing.epoch + 1, standing.step) == PLACE
    reopen(run, device="cpu").train(Quiet(), run=run, resume=True)
    assert told(run) == whole


def test_enough_ends_with_the_epoch_and_can_be_gone_on_from(make_run, told, whole):
    session, run = make_run()
    session.train(Asking(stop=True), run=run)
    assert session.stopped == "after epoch 2 of 4, as was asked"
    assert {row["epoch"] for row in run.metrics()} == {1, 2}
    standing, _ = run.checkpoints.peek()
    assert (standing.epoch, standing.step) == (2, 0)
    again = reopen(run, device="cpu")
    again.train(Quiet(), run=run, resume=True)
    assert told(run) == whole and again.stopped == ""


def test_enough_in_the_last_epoch_is_no_early_end(make_session):
    session = make_session(epochs=2)
    session.train(Asking(stop=True))
    assert session.stopped == ""


@pytest.mark.parametrize("average", [None, 0.9])
def test_it_looks_at_the_weights_that_are_measured(average, make_session):
    """With a running mean of the weights, at that mean."""
    session, observer = make_session(average=average, epochs=2), Asking()
    measured = []
    close = loop._close_epoch

    def noted(task, progress):
        measured.append({k: v.clone() for k, v in task.model.state_dict().items()})
        return close(task, progress)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "_close_epoch", noted)
        session.train(observer)
    assert len(observer.looked) == 2
    for seen, wanted in zip(observer.looked, measured, strict=True):
        assert all(bool((seen[name] == wanted[name]).all()) for name in wanted)


def test_an_observer_asks_for_nothing_unless_it_says_so():
    assert not Quiet().pauses and not Quiet().enough
