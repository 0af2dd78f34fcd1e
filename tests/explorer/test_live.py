"""Where a run stands, as its page is told: states, speed, time left, and what is wished."""

import pytest

from latentia.explorer.live import Live
from latentia.training.checkpoint import Progress
from latentia.training.settings import Settings


def row(epoch, elbo, split="validation", **more):
    return {"epoch": epoch, "split": split, "elbo": elbo, **more}


def test_the_states_follow_the_wishes():
    live = Live(100)
    assert live.standing()["state"] == "training"
    live.wish("pause")
    assert live.pausing and live.standing()["state"] == "paused"
    live.wish("resume")
    assert not live.pausing and live.standing()["state"] == "training"
    live.wish("pause")
    live.wish("stop")  # a run that stands still could not end its epoch
    assert live.stopping and not live.pausing and live.standing()["state"] == "stopping"
    live.wish("pause")
    assert not live.pausing and live.stopping
    live.end()
    assert live.standing()["state"] == "over" and live.standing()["left"] is None


def test_speed_and_time_left_are_those_of_this_session():
    live = Live(1000)
    settings = Settings(epochs=10, batch_size=100)
    # Two epochs took 100 s on another machine, or another day.
    live.begin(settings, Progress(epoch=2, elapsed=100.0))
    assert live.standing()["left"] is None
    live.step(Progress(epoch=2, step=5, steps=25, elapsed=100.0, epoch_seconds=2.0), 10)
    said = live.standing()
    assert said["examples_per_second"] == pytest.approx(500 / 2)
    assert said["left"] == pytest.approx(4.0 * 7.5)
    assert said["elapsed"] == pytest.approx(102.0)
    # After the epoch, its speed is the last that is known.
    live.step(Progress(epoch=3, step=0, steps=30, elapsed=105.0), 10)
    assert live.standing()["examples_per_second"] == pytest.approx(500 / 2)


def test_a_run_that_goes_on_within_an_epoch_tells_no_row_twice():
    live = Live(1000, [row(1, -9.0), row(2, -8.0), row(3, -7.0)])
    standing = Progress(epoch=2, step=5, elapsed=10.0, epoch_seconds=1.0)
    live.begin(Settings(epochs=4, batch_size=100), standing)
    found = live.rows()
    assert [one["epoch"] for one in found.rows] == [1, 2] and found.life == 1
    live.step(Progress(epoch=2, step=10, elapsed=10.0, epoch_seconds=2.0), 10)
    # Half an epoch in a second, and one is left.
    assert live.standing()["left"] == pytest.approx(2.0)


def test_no_more_time_is_left_than_was_given():
    live = Live(10)
    live.begin(Settings(epochs=100, max_time=12.0), Progress())
    live.step(Progress(epoch=1, elapsed=10.0), 4)
    assert live.standing()["left"] == pytest.approx(2.0)


def test_rows_stay_and_the_best_is_by_the_objective():
    live = Live(10, [row(1, -9.0, objective=-1.0)])
    live.epoch([row(2, -5.0, "train"), row(2, -8.0, objective=-2.0)])
    assert [one["epoch"] for one in live.rows().rows] == [1, 2, 2]
    assert live.standing()["best_epoch"] == 1


def test_why_it_ended_is_told_once_it_is_known():
    live = Live(10)
    live.end()
    live.end("The disk is full.")
    live.end()
    assert live.standing()["why"] == "The disk is full."
