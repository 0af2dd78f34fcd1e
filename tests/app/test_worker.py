"""One thread has the model; an answer alone is the answer in a crowd."""

import threading
import time
from itertools import count

import numpy as np
import pytest

from latentia.app.operation.base import Options, at_once
from latentia.app.operation.encode import Encode
from latentia.app.operation.reconstruct import Reconstruct
from latentia.app.operation.sample import Sample, SampleOptions
from latentia.app.problems import Refused
from latentia.app.worker import Job, Worker
from latentia.estimator._load import load
from latentia.explorer.inner import Inner

ENCODE, SAMPLE = Encode(), Sample()
NOTHING = np.empty(0, np.float32)


def job(x=NOTHING, operation=ENCODE, c=None, asked=None, seconds=60.0):
    return Job(operation, x, c, asked or Options(), time.monotonic() + seconds, len(x))


class Crowd:
    """A worker whose first job waits until all others stand behind it."""

    def __init__(self, model, rows=1000):
        self.passes = []
        self.open = threading.Event()
        self.worker = Worker(model, rows, self.passes.append)
        self.worker.start()
        self.inside = threading.Event()

    def hold(self):
        """Keep the worker busy until `release`."""
        crowd = self

        class Slow(Inner):
            takes = "nothing"

            def run(self, *given):
                crowd.inside.set()
                assert crowd.open.wait(30)
                return {}

        self.worker.submit(job(operation=Slow()))
        assert self.inside.wait(30)

    def release(self, *jobs):
        for one in jobs:
            self.worker.submit(one)
        self.open.set()
        return [one.answer.result(timeout=30) for one in jobs]


@pytest.fixture
def crowd(inked_run):
    made = Crowd(load(inked_run, device="cpu"))
    yield made
    made.open.set()
    made.worker.stop()


@pytest.mark.parametrize("operation", [Encode(), Reconstruct()], ids=["encode", "reconstruct"])
def test_an_answer_alone_is_the_answer_in_a_crowd(crowd, inked, operation):
    """Within rounding: a product of other rows adds in another order."""
    alone = operation.run(crowd.worker.model, inked[3:5], Options(), lambda: True)
    crowd.hold()
    parts = [inked[:3], inked[3:5], inked[5:60], inked[60:61]]
    found = crowd.release(*(job(part, operation) for part in parts))
    assert [batch.requests for batch in crowd.passes] == [1, 4]
    assert crowd.passes[-1].rows == 61
    for name, values in alone.items():
        np.testing.assert_allclose(found[1][name], values, rtol=1e-5, atol=1e-6)
        assert found[1][name].base is None  # nobody else's rows are kept with it
    whole = operation.run(crowd.worker.model, inked[:61], Options(), lambda: True)
    for name, values in whole.items():
        np.testing.assert_allclose(
            np.concatenate([one[name] for one in found]), values, rtol=1e-5, atol=1e-6
        )


def test_each_in_a_crowd_has_its_own_condition(told_run, inked):
    model = load(told_run, device="cpu")
    crowd = Crowd(model)
    given = [model.given("none"), model.given(["stroke", "none"]), model.given("stroke")]
    parts = [inked[:3], inked[3:5], inked[5:9]]
    crowd.hold()
    found = crowd.release(*(job(x, c=m.condition_) for x, m in zip(parts, given, strict=True)))
    crowd.worker.stop()
    assert crowd.passes[-1].requests == 3
    for one, x, m in zip(found, parts, given, strict=True):
        np.testing.assert_allclose(one["mean"], m.transform(x), rtol=1e-5, atol=1e-6)
    # What would show if conditions were mixed up
    assert not np.allclose(found[0]["mean"], model.given("stroke").transform(parts[0]), rtol=1e-5)


def test_what_draws_is_bitwise_the_same_in_any_company(crowd):
    options = SampleOptions(n=3, seed=5)
    alone = crowd.worker.model.sample(3, random_state=5)
    crowd.hold()
    others = [SampleOptions(n=4, seed=seed) for seed in (5, 6)]
    asked = [others[0], options, others[1], options]
    found = crowd.release(*(job(operation=SAMPLE, asked=one) for one in asked))
    assert all(batch.requests == 1 for batch in crowd.passes)
    for i in (1, 3):
        np.testing.assert_array_equal(found[i]["x"], alone)
    assert not np.array_equal(found[0]["x"], found[2]["x"])


def test_a_pass_has_no_more_rows_than_one_request_may_have(inked_run, inked):
    crowd = Crowd(load(inked_run, device="cpu"), rows=5)
    crowd.hold()
    crowd.release(*(job(inked[:2]) for _ in range(5)))
    crowd.worker.stop()
    assert [batch.rows for batch in crowd.passes[1:]] == [4, 4, 2]


def test_nobody_is_overtaken_for_ever(crowd, inked):
    """The head of the queue is always served, whatever stands behind it."""
    crowd.hold()
    sample = job(operation=SAMPLE, asked=SampleOptions())
    crowd.release(job(inked[:1]), sample, *(job(inked[:1]) for _ in range(3)))
    assert [type(batch.operation).__name__ for batch in crowd.passes[1:]] == ["Encode", "Sample"]


def test_one_that_fails_fails_alone(crowd, inked):
    good, bad = job(inked[:2]), job(inked[2:4, :, :3])
    crowd.hold()
    crowd.worker.submit(good)
    crowd.worker.submit(bad)
    crowd.open.set()
    assert good.answer.result(timeout=30)["mean"].shape[0] == 2
    with pytest.raises(ValueError):
        bad.answer.result(timeout=30)
    assert crowd.worker.works


def test_what_is_dropped_or_late_is_not_begun(crowd, inked):
    crowd.hold()
    dropped, late, good = job(inked[:1]), job(inked[:1], seconds=-1.0), job(inked[:1])
    crowd.worker.submit(dropped)
    assert crowd.worker.waiting == 1
    crowd.worker.drop(dropped)
    assert crowd.worker.waiting == 0  # and its rows are not held
    crowd.worker.submit(late)
    crowd.release(good)
    assert dropped.answer.cancelled()
    with pytest.raises(Refused) as caught:
        late.answer.result(timeout=30)
    assert caught.value.status == 504
    assert crowd.passes[-1].requests == 1


def test_stopping_finishes_what_waits(inked_run, inked):
    crowd = Crowd(load(inked_run, device="cpu"))
    crowd.hold()
    jobs = [job(inked[i : i + 1]) for i in range(5)]
    for one in jobs:
        crowd.worker.submit(one)
    threading.Timer(0.2, crowd.open.set).start()
    crowd.worker.stop()
    assert all(one.answer.done() and len(one.answer.result()["mean"]) == 1 for one in jobs)
    assert not crowd.worker.works


class Divided(Inner):
    """Work of so many portions; `then` is called in each."""

    takes = "nothing"

    def __init__(self, count, then=lambda i: None):
        self.count, self.then = count, then
        self.done, self.closed = [], False

    def run(self, *given):
        return at_once(self.portions(*given))

    def portions(self, *given):
        try:
            for i in count() if self.count is None else range(self.count):
                self.then(i)
                self.done.append(i)
                yield
        finally:
            self.closed = True
        return {"x": np.arange(self.count)}


def test_between_portions_those_who_wait_have_their_turn(crowd, inked):
    order = []
    crowd.hold()
    long, other = (Divided(3, lambda i, name=name: order.append(name + str(i))) for name in "ab")
    jobs = [job(operation=long), job(inked[:2]), job(operation=other), job(inked[2:4])]
    jobs[1].answer.add_done_callback(lambda _: order.append("encoded"))
    found = crowd.release(*jobs)
    assert order == ["a0", "encoded", "b0", "a1", "b1", "a2", "b2"]
    assert found[0]["x"].tolist() == [0, 1, 2] and len(found[3]["mean"]) == 2


def test_a_request_of_many_portions_is_told_once(inked_run, inked):
    crowd = Crowd(load(inked_run, device="cpu"))
    crowd.hold()
    long = Divided(3)
    crowd.release(job(inked[:5], long), job(inked[:2]), job(inked[2:4]))
    crowd.worker.stop()
    told = [(one.operation, one.requests, one.rows) for one in crowd.passes[1:]]
    assert told == [(long, 1, 5), (ENCODE, 2, 4), *[(long, 0, 0)] * 3]


def test_what_is_dropped_between_portions_is_not_gone_on_with(crowd, inked):
    crowd.hold()
    long = Divided(5, lambda i: crowd.worker.drop(one) if i == 1 else None)
    one = job(operation=long)
    crowd.worker.submit(one)
    crowd.release(job(inked[:2]), job(inked[2:3]))
    crowd.worker.stop()
    assert long.done == [0, 1] and long.closed
    assert isinstance(one.answer.exception(timeout=30), Refused)


def test_what_waits_between_portions_is_dropped_at_once(inked_run, inked):
    """The job lies in the queue, begun, while another is worked on."""
    crowd = Crowd(load(inked_run, device="cpu"))
    long = Divided(None)
    one = job(operation=long)
    crowd.worker.submit(one)
    crowd.hold()
    crowd.worker.drop(one)
    assert crowd.worker.waiting == 0 and long.closed
    assert isinstance(one.answer.exception(timeout=30), Refused)
    assert crowd.release(job(inked[:1]))
    crowd.worker.stop()


def test_a_portion_that_fails_fails_its_job_alone(crowd, inked):
    def fail(i):
        if i == 1:
            raise ValueError("no")

    crowd.hold()
    bad = job(operation=Divided(3, fail))
    crowd.worker.submit(bad)
    assert crowd.release(job(inked[:2]))[0]["mean"].shape[0] == 2
    with pytest.raises(ValueError):
        bad.answer.result(timeout=30)
    assert crowd.worker.works


def test_stopping_waits_for_no_more_portions(inked_run):
    crowd = Crowd(load(inked_run, device="cpu"))
    inside = threading.Event()
    endless = Divided(None, lambda i: inside.set())
    one = job(operation=endless, seconds=float("inf"))
    crowd.worker.submit(one)
    assert inside.wait(30)
    crowd.worker.stop()
    assert endless.closed and not crowd.worker.works
    with pytest.raises(Refused) as caught:
        one.answer.result(timeout=30)
    assert caught.value.status == 503


def test_a_deadline_that_passes_between_portions_ends_the_work(crowd):
    def expire(i):
        one.until = 0.0

    crowd.hold()
    long = Divided(3, expire)
    one = job(operation=long)
    crowd.worker.submit(one)
    crowd.open.set()
    with pytest.raises(Refused) as caught:
        one.answer.result(timeout=30)
    assert caught.value.status == 504 and long.done == [0]
