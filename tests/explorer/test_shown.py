"""What is made of an epoch for nobody is given up; of the run itself it is made all the same."""

import asyncio
import gc
import threading

import numpy as np
import pytest

from latentia.app.worker import Worker
from latentia.explorer.explorer import Explorer
from latentia.explorer.shown import Shown
from latentia.explorer.work import Encoded


@pytest.fixture
def subject(subject_of, kept_run):
    return subject_of(kept_run)


@pytest.fixture
def worker(subject):
    """Return a worker that has not begun, so that jobs stay where they are."""
    return Worker(subject.model, 1000)


async def begun(work):
    """Return a task that has come as far as it can."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    return task


async def left(task):
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_last_who_leaves_ends_the_work_of_an_epoch(subject, worker):
    async def scenario():
        shown = Shown(subject, worker, 1)
        one, two = await begun(shown.arrays()), await begun(shown.arrays())
        assert worker.waiting == 2  # draws of the prior, and examples
        await left(one)
        assert worker.waiting == 2
        await left(two)
        assert worker.waiting == 0
        again = await begun(shown.arrays())
        worker.start()
        return shown, await again

    shown, found = asyncio.run(scenario())
    worker.stop()
    assert np.array_equal(found["mean"], shown.model.transform(subject.x))
    assert not np.array_equal(found["mean"], subject.model.transform(subject.x))


def test_what_is_there_is_kept(subject, worker):
    worker.start()

    async def scenario():
        shown = Shown(subject, worker, 1)
        first = await shown.arrays()
        return first, await shown.arrays()

    first, second = asyncio.run(scenario())
    worker.stop()
    assert all(first[name] is second[name] for name in ("mean", "elbo", "prior"))


@pytest.mark.parametrize("epoch", [None, 1])
def test_what_failed_is_begun_anew_for_whoever_asks_again(subject, worker, monkeypatch, epoch):
    real, tries = Encoded.portions, []

    def portions(*given):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("not today")
        return real(*given)

    monkeypatch.setattr(Encoded, "portions", portions)
    worker.start()

    async def scenario():
        shown = Shown(subject, worker, epoch)
        with pytest.raises(RuntimeError, match="not today"):
            await shown.arrays()
        return await shown.arrays()

    found = asyncio.run(scenario())
    worker.stop()
    assert len(tries) == 2 and len(found["mean"]) == subject.count


def test_who_leaves_in_the_middle_of_a_portion_leaves_no_trace(subject, worker, monkeypatch):
    """What became of a job that was given up is nobody's, and no word of asyncio's."""
    under_way, goes_on, said = threading.Event(), threading.Event(), []

    def portions(*given):
        under_way.set()
        goes_on.wait(20)
        yield
        raise AssertionError("it was not given up")

    monkeypatch.setattr(Encoded, "portions", portions)
    worker.start()

    async def scenario():
        asyncio.get_running_loop().set_exception_handler(lambda _, told: said.append(told))
        task = await begun(Shown(subject, worker, 1).arrays())
        assert await asyncio.to_thread(under_way.wait, 20)
        await asyncio.sleep(0.05)  # the draws of the prior are there; what is waited for is this
        await left(task)
        goes_on.set()
        await asyncio.to_thread(worker.stop)
        await asyncio.sleep(0.05)
        del task
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert said == []


def test_the_run_itself_is_encoded_for_whoever_comes(subject, worker):
    async def scenario():
        await left(await begun(Shown(subject, worker).arrays()))
        assert worker.waiting == 2

    asyncio.run(scenario())


def test_a_page_that_aborts_is_one_that_leaves(subject, built):
    explorer = Explorer(subject, folder=built)
    worker, sent = explorer.service.worker, []
    scope = {
        "type": "http", "method": "GET", "path": "/page-data/at/1/arrays", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1", "scheme": "http",
        "raw_path": b"/page-data/at/1/arrays", "root_path": "", "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def scenario():
        gone = asyncio.Event()
        messages = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive():
            if messages:
                return messages.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        before = worker.waiting
        answer = asyncio.ensure_future(explorer.app()(scope, receive, send))
        async with asyncio.timeout(20):
            while worker.waiting == before:
                await asyncio.sleep(0.01)
            assert worker.waiting == before + 2 and not answer.done()
            gone.set()
            await answer
            while worker.waiting != before:
                await asyncio.sleep(0.01)

    asyncio.run(scenario())
