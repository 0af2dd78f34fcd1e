"""Examples are encoded in portions: others come between, and numbers are those of all at once."""

import numpy as np
import pytest

import latentia as lt
from latentia.app.worker import Job, Worker
from latentia.explorer import work as module
from latentia.explorer.inner import Inner
from latentia.explorer.work import Drawn, Encoded, Of, PriorDraws

FEW = {"network": "linear", "max_epochs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def many(inked):
    """Return two batches and a part of a third, no two examples alike."""
    noise = np.random.default_rng(3).integers(0, 20, (1234, 6, 6))
    return (np.resize(inked, (1234, 6, 6)) + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def table():
    """Return a table of which one cell in the last batch is missing."""
    x = np.random.default_rng(4).normal(size=(1234, 3))
    x[1201, 1] = np.nan
    return x


def images(many):
    return lt.VAE(2, **FEW).fit(many), many


def points(many):
    return lt.AutoEncoder(2, **FEW).fit(many), many


def conditional(many):
    y = np.arange(len(many)) % 3
    return lt.ConditionalVAE(2, **FEW).fit(many, y).given(y), many


def one_condition(many):
    y = np.arange(len(many)) % 3
    return lt.ConditionalVAE(2, **FEW).fit(many, y).given(2), many


def partly(many):
    y = np.where(np.arange(len(many)) % 10, -1, np.arange(len(many)) % 3)
    return lt.SemiSupervisedVAE(2, **FEW).fit(many, y), many


def flow(many):
    return lt.VAE(2, variational="flow", **FEW).fit(many), many


def assert_whole(found, model, x):
    """Assert that numbers are bitwise those of Python's own functions."""
    mean, deviation = model.moments(x)
    wanted = {"mean": mean, "deviation": deviation}
    nats = model.elbo(x, random_state=0)._asdict()
    wanted |= {name: part for name, part in nats.items() if part is not None}
    if np.isnan(x).any():
        wanted["cells"] = (~np.isnan(x)).sum(1)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert np.array_equal(found[name], values, equal_nan=True), name


@pytest.mark.parametrize("make", [images, points, conditional, one_condition, partly, flow])
def test_portions_have_the_numbers_of_all_at_once(many, make):
    model, x = make(many)
    assert_whole(Encoded().run(model, x, None, lambda: True), model, x)


def test_a_missing_cell_in_one_batch_is_known_of_in_all(table):
    model = lt.VAE(2, **FEW).fit(table)
    assert_whole(Encoded().run(model, table, None, lambda: True), model, table)


def test_the_drawn_examples_are_those_of_the_numbers(many):
    model, x = images(many)
    batches = np.concatenate([one.numpy() for one in model.examples(x).batches(0)])
    found = Drawn().run(model, x, [1233, 0, 700], lambda: True)["x"]
    assert np.array_equal(found, batches[[1233, 0, 700]])


@pytest.mark.parametrize("kind", [lt.ConditionalVAE, lt.SemiSupervisedVAE])
@pytest.mark.parametrize("prior", ["standard-normal", "mixture", "flow", "conditional"])
def test_a_prior_that_sees_no_conditions_is_drawn_from(inked, kind, prior):
    y = np.arange(len(inked)) % 3
    model = kind(2, prior=prior, **FEW).fit(inked, y)
    found = PriorDraws().run(model, None, 50, None)
    if prior == "conditional":
        assert found == {}  # the page draws from p(z|c) itself
        return
    # What the estimator draws under any c: z does not hang on it.
    wanted = [model.given(c).sample_mean(50, random_state=0) for c in (0, 2)]
    for c, x in zip((0, 2), wanted, strict=True):
        decoded = model.given(c).inverse_transform(found["prior"])
        assert np.allclose(decoded, x, atol=1e-5)


def test_a_short_job_comes_between(many, monkeypatch):
    model, x = images(many)
    worker, order = Worker(model, 1000), []

    class Short(Inner):
        takes = "nothing"

        def run(self, *given):
            order.append("short")
            return {}

    short = Job(Short(), np.empty(0), None, None, float("inf"), 0)
    measured = module.per_example

    def noted(*given, batch):
        order.append(batch)
        if batch == 0:
            worker.submit(short)
        return measured(*given, batch=batch)

    monkeypatch.setattr(module, "per_example", noted)
    encoded = Job(Of(lambda: model, Encoded()), x, None, None, float("inf"), len(x))
    encoded.answer.add_done_callback(lambda _: order.append("encoded"))
    worker.submit(encoded)
    worker.start()
    found = encoded.answer.result(60)
    worker.stop()
    assert order == [0, "short", 1, 2, "encoded"]
    assert_whole(found, model, x)
